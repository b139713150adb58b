// SPDX-License-Identifier: Apache-2.0
//
// mxward(8). Threads: this one builds, waits for the end and takes down; libmilter has its
// listener, signal thread, pool and workers, which call the adapter; the store's writer, the log's
// writer, the control loop, and one that reloads. ARCHITECTURE.md says what each may
// touch.
#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/version.h"
#include "config/loader.h"
#include "milter/daemon.h"
#include "milter/memory.h"
#include "milter/reloader.h"
#include "milter/store_child.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace mxward {
namespace {

constexpr const char* kUsage =
    "usage: mxward [--config FILE] [--check-config]\n"
    "       mxward --check-store FOLDER\n"
    "       mxward --help | --version\n"
    "Greylisting milter for Postfix and Sendmail; stays in the foreground. See mxward(8).\n";

void SetSignals() {
  signals::Block();
  signal(SIGPIPE, SIG_IGN);
  // A full file is an error to handle, not a signal to die of.
  signal(SIGXFSZ, SIG_IGN);
}

int Main(int argc, char** argv) {
  std::string config_path = kDefaultConfigPath;
  bool check_only = false;
  const option options[] = {{"config", required_argument, nullptr, 'c'},
                            {"check-config", no_argument, nullptr, 'n'},
                            {"check-store", required_argument, nullptr, 's'},
                            {"rescue-store", required_argument, nullptr, 'r'},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'V'},
                            {nullptr, 0, nullptr, 0}};
  for (int option = 0; (option = getopt_long(argc, argv, "c:nhV", options, nullptr)) != -1;) {
    switch (option) {
      case 'c':
        config_path = optarg;
        break;
      case 'n':
        check_only = true;
        break;
      case 's':
        return CheckStoreMain(optarg);
      case 'r':
        return RescueStoreMain(optarg);
      case 'h':
        std::fputs(kUsage, stdout);
        return 0;
      case 'V':
        std::printf("mxward %s\n", std::string(kVersion).c_str());
        return 0;
      default:
        std::fputs(kUsage, stderr);
        return kExitUsage;
    }
  }
  if (optind != argc) {
    std::fprintf(stderr, "mxward: unexpected argument \"%s\"\n%s", argv[optind], kUsage);
    return kExitUsage;
  }
  std::vector<std::string> problems;
  const auto config = LoadConfig(config_path, &problems);
  if (config == nullptr) {
    for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
    return kExitConfig;
  }
  if (check_only) {
    std::printf("%s: OK\n", config_path.c_str());
    return 0;
  }
  const RealClock clock;
  const ServiceManager manager(std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"));
  return RunDaemon({config_path, config}, clock, manager);
}

}  // namespace
}  // namespace mxward

int main(int argc, char** argv) {
  mxward::SetSignals();
  mxward::TuneAllocator();
  int status = mxward::kExitFailure;
  try {
    status = mxward::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mxward: %s\n", error.what());
  }
  std::fflush(stdout);
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();  // _exit() leaves it out
#endif
  // No static destructors: a worker of libmilter may still be in a callback.
  _exit(status);
}
