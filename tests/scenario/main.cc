// SPDX-License-Identifier: Apache-2.0
// mxward_scenario FILE...: plays scenario files; 0 when all went as they expect.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>

#include "scenario/runner.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 64;
  }
  // Rules know the time of day.
  setenv("TZ", "UTC", 1);
  tzset();
  bool good = true;
  for (int i = 1; i < argc; ++i) {
    try {
      good = mxward::scenario::Runner::Play(argv[i]) && good;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", argv[i], error.what());
      good = false;
    }
  }
  return good ? 0 : 1;
}
