# SPDX-License-Identifier: Apache-2.0
# Flags of every target, and mxward_library(): one static library a folder of lib/.
add_library(mxward_flags INTERFACE)
target_include_directories(mxward_flags INTERFACE ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR})
target_compile_options(mxward_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wimplicit-fallthrough
  -fstack-protector-strong)
target_compile_definitions(mxward_flags INTERFACE MXWARD_VERSION="${PROJECT_VERSION}")
if(MXWARD_WERROR)
  target_compile_options(mxward_flags INTERFACE -Werror)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes a .cc that another file includes for a header.
  target_compile_options(mxward_flags INTERFACE -Wno-subobject-linkage)
endif()
if(MXWARD_SANITIZE STREQUAL "address")
  target_compile_options(mxward_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mxward_flags INTERFACE -fsanitize=address,undefined)
elseif(MXWARD_SANITIZE STREQUAL "thread")
  target_compile_options(mxward_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(mxward_flags INTERFACE -fsanitize=thread)
else()
  # A distribution's own level, often a higher one, stands in its flags.
  if(NOT CMAKE_CXX_FLAGS MATCHES "_FORTIFY_SOURCE")
    target_compile_options(mxward_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  endif()
  target_link_options(mxward_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
target_link_libraries(mxward_flags INTERFACE Threads::Threads fmt::fmt tl::expected)

# What ctest calls a test: those of a sanitizer build begin with its name.
if(MXWARD_SANITIZE STREQUAL "address")
  set(MXWARD_TEST_PREFIX asan.)
elseif(MXWARD_SANITIZE STREQUAL "thread")
  set(MXWARD_TEST_PREFIX tsan.)
endif()

# mxward_library(NAME SOURCES a.cc ... USES other folders ... PRIVATE third-party targets ...)
function(mxward_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(mxward_${name} STATIC ${arg_SOURCES})
  target_link_libraries(mxward_${name} PUBLIC mxward_flags PRIVATE ${arg_PRIVATE})
  foreach(used ${arg_USES})
    target_link_libraries(mxward_${name} PUBLIC mxward_${used})
  endforeach()
endfunction()
