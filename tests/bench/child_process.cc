// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "cli/probe/milter_client.h"

namespace mxward {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Between fork and exec.
bool Become(const passwd& user) {
  return ::setgroups(0, nullptr) == 0 && ::setgid(user.pw_gid) == 0 && ::setuid(user.pw_uid) == 0;
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                          const std::string& log,
                                                          const std::string& user) {
  const passwd* account = nullptr;
  if (!user.empty() && ::geteuid() == 0) {
    account = ::getpwnam(user.c_str());
    if (account == nullptr) return Fail(ErrorCode::kNotFound, "no user " + user);
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));  // execv does not write to it
  }
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Fail(ErrorCode::kIo, std::string("fork: ") + strerror(errno));
  if (pid == 0) {
    const int in = ::open("/dev/null", O_RDONLY);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (in < 0 || out < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0) {
      ::_exit(127);
    }
    if (account != nullptr && !Become(*account)) ::_exit(127);
    // A change of user would take this back.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

ChildProcess::~ChildProcess() { Kill(); }

bool ChildProcess::Running() {
  if (running_ && ::waitpid(pid_, nullptr, WNOHANG) != 0) running_ = false;
  return running_;
}

std::chrono::nanoseconds ChildProcess::CpuTime() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

ProcessMemory ChildProcess::Memory() const {
  ProcessMemory memory;
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kib = 0;
    words >> name >> kib;
    if (name == "VmRSS:") memory.rss_kib = kib;
    if (name == "RssAnon:") memory.anon_kib = kib;
  }
  return memory;
}

bool ChildProcess::Stop(milliseconds timeout) {
  if (Running()) ::kill(pid_, SIGTERM);
  const auto end = steady_clock::now() + timeout;
  while (Running()) {
    if (steady_clock::now() > end) {
      Kill();
      return false;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

void ChildProcess::Kill() {
  if (!Running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  running_ = false;
}

void ChildProcess::Pause() {
  if (Running()) ::kill(pid_, SIGSTOP);
}

void ChildProcess::Resume() {
  if (Running()) ::kill(pid_, SIGCONT);
}

Result<void> AwaitFilter(ChildProcess& process, const std::string& socket, milliseconds timeout) {
  const auto end = steady_clock::now() + timeout;
  while (process.Running()) {
    if (auto client = MilterClient::Connect("unix:" + socket, timeout)) {
      if (auto terms = (*client)->Negotiate(); !terms) return Fail(socket, terms.error());
      return (*client)->SendQuit();
    }
    if (steady_clock::now() > end) return Fail(ErrorCode::kTimeout, socket + ": nobody listens");
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return Fail(ErrorCode::kUnavailable, socket + ": its program has ended");
}

void AwaitQuiet(const ChildProcess& process) {
  const auto end = steady_clock::now() + std::chrono::seconds(1);
  auto before = process.CpuTime();
  while (steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(4));
    const auto after = process.CpuTime();
    if (after - before < std::chrono::microseconds(100)) return;
    before = after;
  }
}

}  // namespace mxward
