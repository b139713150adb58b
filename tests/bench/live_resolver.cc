// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/live_resolver.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "tests/bench/name_server.h"

namespace mxward {
namespace {

using std::chrono::steady_clock;

constexpr const char* kAnswers = R"(  local-zone: "." static
  local-data: ". 86400 IN NS a.root.example."
  local-data: ". 86400 IN SOA a.root.example. admin.root.example. 1 600 300 86400 60"
  local-zone: "example." redirect
  local-data: "example. 3600 IN MX 10 mx.example."
  local-data: "example. 3600 IN A 20.0.0.25"
  local-zone: "one.example.org." redirect
  local-data: "one.example.org. 3600 IN MX 10 mx.example."
  local-data: 'one.example.org. 3600 IN TXT "v=spf1 include:%{d}.two.example.org -all"'
  local-zone: "two.example.org." redirect
  local-data: 'two.example.org. 3600 IN TXT "v=spf1 a:%{o}.three.example.org include:%{o}.four.example.org -all"'
  local-zone: "three.example.org." redirect
  local-data: "three.example.org. 3600 IN A 20.0.0.25"
  local-zone: "four.example.org." redirect
  local-data: 'four.example.org. 3600 IN TXT "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"'
)";

}  // namespace

LiveResolver::LiveResolver(std::uint16_t port, std::unique_ptr<ChildProcess> process)
    : port_(port), address_("127.0.0.1:" + std::to_string(port)), process_(std::move(process)) {}

Result<std::unique_ptr<LiveResolver>> LiveResolver::Start(const std::string& program,
                                                          const std::string& directory) {
  const auto port = FreeUdpPort();
  if (!port) return Fail(port.error());
  std::filesystem::create_directories(directory);
  const std::string configuration = directory + "/unbound.conf";
  std::ofstream(configuration) << "server:\n  directory: \"" << directory
                               << "\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n"
                                  "  logfile: \"\"\n  use-syslog: no\n  do-daemonize: no\n"
                                  "  do-ip6: no\n  interface: 127.0.0.1\n  port: "
                               << *port
                               << "\n  module-config: \"iterator\"\n"
                                  "  access-control: 127.0.0.0/8 allow\n"
                               << kAnswers;
  const std::string log = directory + "/unbound.log";
  auto process = ChildProcess::Start({program, "-d", "-c", configuration}, log);
  if (!process) return Fail(process.error());
  RoundTrip question(*port);
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  while ((*process)->Running() && steady_clock::now() < end) {
    if (question.Ask("127.0.0.2", 0)) {
      return std::unique_ptr<LiveResolver>(new LiveResolver(*port, std::move(*process)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Fail(ErrorCode::kUnavailable, program + " does not answer, see " + log);
}

}  // namespace mxward
