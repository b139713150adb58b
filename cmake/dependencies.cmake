# SPDX-License-Identifier: Apache-2.0
# Third-party libraries; docs/DEPENDENCIES.md lists them. Which folder may include which header is
# checked by tests/unit/house; here each becomes an imported target that only those folders link.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(psl REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(event REQUIRED IMPORTED_TARGET libevent_core libevent_pthreads)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
find_package(nlohmann_json REQUIRED)

# find_library_without_pc(NAME HEADER): LMDB, libunistring and Sendmail have no .pc files of their own; some
# distributions add them, some do not.
macro(find_library_without_pc name header)
  pkg_check_modules(${name} IMPORTED_TARGET ${name})
  if(NOT ${name}_FOUND)
    find_path(${name}_HEADERS ${header} REQUIRED)
    find_library(${name}_LIBRARY ${name} REQUIRED)
    add_library(PkgConfig::${name} INTERFACE IMPORTED)
    target_include_directories(PkgConfig::${name} INTERFACE ${${name}_HEADERS})
    target_link_libraries(PkgConfig::${name} INTERFACE ${${name}_LIBRARY})
  endif()
endmacro()
find_library_without_pc(lmdb lmdb.h)
find_library_without_pc(unistring unicase.h)
find_library_without_pc(milter libmilter/mfapi.h)

if(MXWARD_CLI)
  find_package(CLI11 REQUIRED)
  find_package(SQLite3 REQUIRED)
endif()
# cli/input is built wherever something wants it.
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
