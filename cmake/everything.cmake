# SPDX-License-Identifier: Apache-2.0
# add_everything_test(NAME COMMAND ... [ENVIRONMENT NAME=VALUE ...]) registers a test that takes too long to
# run each time, as everything.NAME: only `ctest -C everything`, which is `tests/run --everything`, runs
# it. It has two hours, by itself, and MXWARD_EVERYTHING=1 in its environment, by which a program that
# is tested shortly each time knows to take its time. The sanitizer builds have no such tests.
include_guard(GLOBAL)

function(add_everything_test name)
  if(MXWARD_SANITIZE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "COMMAND;ENVIRONMENT" ${ARGN})
  add_test(NAME everything.${name} CONFIGURATIONS everything COMMAND ${arg_COMMAND})
  set_tests_properties(everything.${name} PROPERTIES LABELS everything TIMEOUT 7200 RUN_SERIAL TRUE
    SKIP_RETURN_CODE 77 ENVIRONMENT "MXWARD_EVERYTHING=1;${arg_ENVIRONMENT}")
endfunction()
