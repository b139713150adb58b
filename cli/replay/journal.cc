// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

extern char** environ;  // NOLINT(readability-redundant-declaration): not everywhere in unistd.h

namespace mxward::cli {

Result<std::unique_ptr<Journal>> Journal::Start(const std::string& since,
                                                const std::string& until) {
  std::vector<std::string> words = {
      "journalctl", "--no-pager", "--quiet", "--output=export",
      "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_HOSTNAME,_COMM"};
  if (!since.empty()) words.push_back("--since=" + since);
  if (!until.empty()) words.push_back("--until=" + until);
  words.emplace_back("SYSLOG_FACILITY=2");
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Fail(ErrorCode::kIo, std::string("pipe: ") + std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, "journalctl", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    return Fail(ErrorCode::kNotFound,
                std::string("--journal: cannot run journalctl: ") + std::strerror(failed));
  }
  return std::unique_ptr<Journal>(new Journal(child, ends[0]));
}

Journal::~Journal() {
  if (output_ >= 0) close(output_);
  if (child_ < 0) return;
  kill(child_, SIGTERM);
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

int Journal::TakeOutput() { return std::exchange(output_, -1); }

Result<void> Journal::Wait() {
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Fail(ErrorCode::kIo, "the journal: journalctl failed");
}

}  // namespace mxward::cli
