# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. DESTDIR is honoured. Below the prefix by default; a package of a
# distribution names the folders that systemd and the shells read there.
include(GNUInstallDirs)

# Not below CMAKE_INSTALL_LIBDIR: systemd knows no lib64 and no multiarch.
set(MXWARD_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Folder of systemd units")
set(MXWARD_SYSUSERS_DIR lib/sysusers.d CACHE STRING "Folder of sysusers.d(5)")
set(MXWARD_TMPFILES_DIR lib/tmpfiles.d CACHE STRING "Folder of tmpfiles.d(5)")
set(MXWARD_BASH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  CACHE STRING "Folder of bash's completions")
set(MXWARD_ZSH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
  CACHE STRING "Folder of zsh's completions")
set(MXWARD_FISH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  CACHE STRING "Folder of fish's completions")
find_program(MXWARD_SYSTEMD_TMPFILES systemd-tmpfiles PATHS /usr/bin /bin)
if(NOT MXWARD_SYSTEMD_TMPFILES)
  # An optional step of the unit: a machine without it is none with systemd.
  set(MXWARD_SYSTEMD_TMPFILES /usr/bin/systemd-tmpfiles)
endif()

set(packaging ${PROJECT_SOURCE_DIR}/packaging)
set(generated ${PROJECT_BINARY_DIR}/packaging)
set(examples ${CMAKE_INSTALL_DOCDIR}/examples)
# The prefix is known only now where `cmake --install` is given another one.
install(CODE "
  set(folder_SBINDIR ${CMAKE_INSTALL_SBINDIR})
  cmake_path(ABSOLUTE_PATH folder_SBINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\"
    OUTPUT_VARIABLE MXWARD_SBINDIR)
  set(MXWARD_SYSTEMD_TMPFILES \"${MXWARD_SYSTEMD_TMPFILES}\")
  configure_file(\"${packaging}/systemd/mxward.service.in\" \"${generated}/mxward.service\" @ONLY)")

install(TARGETS mxward RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
if(MXWARD_CLI)
  install(TARGETS mxwardctl RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
  # The program tells its completions itself, so they are never of another version.
  foreach(shell bash zsh fish)
    add_custom_command(OUTPUT ${generated}/mxwardctl.${shell}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}
      COMMAND mxwardctl completion ${shell} > ${generated}/mxwardctl.${shell}
      DEPENDS mxwardctl VERBATIM)
  endforeach()
  add_custom_target(mxward_completions ALL
    DEPENDS ${generated}/mxwardctl.bash ${generated}/mxwardctl.zsh ${generated}/mxwardctl.fish)
  install(FILES ${generated}/mxwardctl.bash DESTINATION ${MXWARD_BASH_COMPLETION_DIR}
    RENAME mxwardctl)
  install(FILES ${generated}/mxwardctl.zsh DESTINATION ${MXWARD_ZSH_COMPLETION_DIR}
    RENAME _mxwardctl)
  install(FILES ${generated}/mxwardctl.fish DESTINATION ${MXWARD_FISH_COMPLETION_DIR})
endif()
install(FILES ${PROJECT_SOURCE_DIR}/man/mxward.8 ${PROJECT_SOURCE_DIR}/man/mxwardctl.8
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${PROJECT_SOURCE_DIR}/man/mxward.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${generated}/mxward.service DESTINATION ${MXWARD_SYSTEMD_UNIT_DIR})
install(FILES ${packaging}/systemd/mxward.sysusers DESTINATION ${MXWARD_SYSUSERS_DIR}
  RENAME mxward.conf)
install(FILES ${packaging}/systemd/mxward.tmpfiles DESTINATION ${MXWARD_TMPFILES_DIR}
  RENAME mxward.conf)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  ${PROJECT_SOURCE_DIR}/docs/API.md ${packaging}/mxward.toml
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Nothing is put into /etc: what is there is the administrator's.
install(FILES ${packaging}/etc/mxward.toml DESTINATION ${examples}/etc)
install(FILES ${packaging}/systemd/mxward.socket DESTINATION ${examples}/systemd)
install(FILES ${packaging}/fail2ban/mxward.conf DESTINATION ${examples}/fail2ban)
install(FILES ${packaging}/prometheus/mxward.rules.yml DESTINATION ${examples}/prometheus)
install(FILES ${packaging}/grafana/mxward.json DESTINATION ${examples}/grafana)

# The sources of the last commit as build/mxward-VERSION.tar.gz.
add_custom_target(dist COMMAND ${packaging}/make-tarball USES_TERMINAL VERBATIM)
