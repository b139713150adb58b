# SPDX-License-Identifier: Apache-2.0
# add_daemon_test(NAME [BUSY] [EVERYTHING] [ENVIRONMENT NAME=VALUE ...]) registers test_NAME.py of the
# current folder with ctest, as FOLDER.NAME, in a sanitizer build as SANITIZER.FOLDER.NAME. One for
# EVERYTHING runs only there, see cmake/everything.cmake, and not in sanitizer builds.
include(${PROJECT_SOURCE_DIR}/cmake/everything.cmake)

# Debian's python, and not one that happens to come first in PATH.
find_program(MXWARD_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT MXWARD_PYTHON)
  find_program(MXWARD_PYTHON python3 REQUIRED)
endif()

function(add_daemon_test name)
  cmake_parse_arguments(arg "BUSY;EVERYTHING" "" "ENVIRONMENT" ${ARGN})
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(test ${MXWARD_TEST_PREFIX}${folder}.${name})
  set(environment
    MXWARD=$<TARGET_FILE:mxward>
    PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/milter
    PYTHONDONTWRITEBYTECODE=1
    ${arg_ENVIRONMENT})
  set(timeout 480)
  if(TARGET mxwardctl)
    list(APPEND environment MXWARDCTL=$<TARGET_FILE:mxwardctl>)
  else()
    list(APPEND environment MXWARDCTL=none)
  endif()
  if(MXWARD_SANITIZE STREQUAL "address")
    list(APPEND environment MXWARD_SLOW=1 ASAN_OPTIONS=exitcode=66
      UBSAN_OPTIONS=print_stacktrace=1)
    set(timeout 900)
  elseif(MXWARD_SANITIZE STREQUAL "thread")
    list(APPEND environment MXWARD_SLOW=1
      TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp:exitcode=66)
    set(timeout 900)
  endif()
  set(command ${MXWARD_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py)
  if(arg_EVERYTHING)
    add_everything_test(${test} COMMAND ${command} ENVIRONMENT ${environment})
    return()
  endif()
  add_test(NAME ${test} COMMAND ${command})
  set_tests_properties(${test} PROPERTIES ENVIRONMENT "${environment}" TIMEOUT ${timeout}
    SKIP_RETURN_CODE 77 LABELS ${folder})
  if(arg_BUSY)
    set_tests_properties(${test} PROPERTIES PROCESSORS 2 RESOURCE_LOCK busy)
  endif()
endfunction()
