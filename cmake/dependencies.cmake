# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all from Debian. Which folder may include which header is checked by
# tests/unit/house; here each becomes an imported target that only those folders link.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(milter REQUIRED IMPORTED_TARGET milter)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(psl REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(event REQUIRED IMPORTED_TARGET libevent_core libevent_pthreads)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
find_package(nlohmann_json REQUIRED)
if(MXWARD_CLI)
  find_package(CLI11 REQUIRED)
endif()
