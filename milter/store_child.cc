// SPDX-License-Identifier: Apache-2.0
#include "milter/store_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "engine/record_check.h"
#include "milter/daemon.h"
#include "store/page_walk.h"
#include "store/record_stream.h"

namespace mxward {
namespace {

// Far more than a walk takes: a bit for each page, one value, one page a level.
constexpr rlim_t kChildMemory = 512ULL << 20;
constexpr std::size_t kMostSaid = 4096;

void LimitSelf(Seconds time) {
  // The milter's socket, for one: it would outlive the daemon.
  close_range(3, ~0U, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit memory = {kChildMemory, kChildMemory};
  setrlimit(RLIMIT_AS, &memory);
#endif
  signal(SIGALRM, SIG_DFL);
  alarm(static_cast<unsigned>(time.count()));
}

}  // namespace

int CheckStoreMain(const std::string& folder) {
  LimitSelf(kCheckLimit);
  const store::WalkReport found = store::CheckPages(folder, CanDecode);
  if (!found.damage.empty()) {
    std::printf("%s\n", EscapeForLog(found.damage).c_str());
    return kExitDamaged;
  }
  std::printf("%llu records on %llu pages, %llu of them unreadable\n",
              static_cast<unsigned long long>(found.records),
              static_cast<unsigned long long>(found.pages),
              static_cast<unsigned long long>(found.unreadable));
  return 0;
}

int RescueStoreMain(const std::string& file) {
  LimitSelf(kRescueLimit);
  store::RecordWriter writer(STDOUT_FILENO);
  const store::RecordVisitor hand_over = [&writer](store::Table table, std::string_view key,
                                                   std::string_view value) {
    if (!CanDecode(table, key, value)) return false;
    // Nobody reads any more: the parent ends us.
    return writer.Put(table, key, value).has_value();
  };
  store::RescuePages(file, hand_over);
  return writer.Finish() ? 0 : kExitDamaged;
}

StoreChild::StoreChild(const std::string& option, const std::string& argument) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string words[] = {"mxward", option, argument};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  // The program that runs, also when its file has been replaced by an upgrade.
  if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environ) != 0) pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  output_ = ends[0];
}

StoreChild::~StoreChild() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    Wait();
  }
  if (output_ >= 0) close(output_);
}

std::string StoreChild::ReadAll(MonoTime deadline, const Clock& clock) {
  std::string said;
  while (pid_ > 0) {
    const auto left = std::chrono::ceil<Millis>(deadline - clock.Monotonic());
    pollfd waiting = {output_, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      // It hangs in a read that does not end.
      kill(pid_, SIGKILL);
      break;
    }
    char part[1024];
    const ssize_t got = read(output_, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (said.size() < kMostSaid) said.append(part, static_cast<std::size_t>(got));
  }
  return std::string(Trim(said));
}

StoreChild::End StoreChild::Wait() {
  if (pid_ <= 0) return End::kFailed;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return End::kFailed;
  }
  pid_ = -1;
  if (WIFEXITED(status)) {
    if (WEXITSTATUS(status) == 0) return End::kFine;
    return WEXITSTATUS(status) == kExitDamaged ? End::kDamaged : End::kFailed;
  }
  switch (WTERMSIG(status)) {
    case SIGSEGV:
    case SIGBUS:
    case SIGABRT:
    case SIGILL:
    case SIGFPE:
      return End::kCrashed;
    case SIGALRM:
      return End::kTimeOver;
    default:
      // Short of memory, or somebody ended it: that says nothing about the database.
      return End::kFailed;
  }
}

}  // namespace mxward
