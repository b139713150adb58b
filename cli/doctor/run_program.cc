// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::array kFolders = {"/usr/sbin", "/usr/bin",        "/sbin",
                                 "/bin",      "/usr/local/sbin", "/usr/local/bin"};
constexpr std::size_t kMostOutput = 4 << 20;

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    CloseWriter();
    if (ends_[0] >= 0) close(ends_[0]);
  }
  bool ok() const { return ends_[0] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void CloseWriter() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

Result<pid_t> Spawn(const std::string& path, const std::vector<std::string>& words, const Pipe& out,
                    const Pipe& err) {
  std::vector<std::string> all = {path};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(all.size() + 1);
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::string locale = "LC_ALL=C";
  const std::array<char*, 3> environment = {search.data(), locale.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.writer(), STDERR_FILENO);
  pid_t child = -1;
  const int failed =
      posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Fail(ErrorCode::kIo, path + ": " + std::strerror(failed));
  return child;
}

// Reads both until they end. False when the time is over, or there is too much.
bool ReadBoth(const Pipe& out, const Pipe& err, const Clock& clock, MonoTime end, std::string& said,
              std::string& complained) {
  std::array<pollfd, 2> polled = {pollfd{out.reader(), POLLIN, 0}, pollfd{err.reader(), POLLIN, 0}};
  const std::array<std::string*, 2> texts = {&said, &complained};
  std::array<char, 8192> buffer;
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<Millis>(end - clock.Monotonic());
    if (left <= Millis(0)) return false;
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      const ssize_t got = read(polled[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        polled[i].fd = -1;
        continue;
      }
      texts[i]->append(buffer.data(), static_cast<std::size_t>(got));
      if (texts[i]->size() > kMostOutput) return false;
    }
  }
  return true;
}

}  // namespace

std::string FindProgram(const std::string& program) {
  for (const char* folder : kFolders) {
    std::string path = std::string(folder) + "/" + program;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

Result<std::string> RunProgram(const std::string& program, const std::vector<std::string>& words,
                               const Clock& clock, Millis limit) {
  const std::string path = FindProgram(program);
  if (path.empty()) return Fail(ErrorCode::kNotFound, program + " is not installed");
  const MonoTime end = clock.Monotonic() + limit;
  Pipe out;
  Pipe err;
  if (!out.ok() || !err.ok())
    return Fail(ErrorCode::kIo, std::string("pipe: ") + std::strerror(errno));
  MXWARD_TRY(const auto child, Spawn(path, words, out, err));
  out.CloseWriter();
  err.CloseWriter();
  std::string said;
  std::string complained;
  const bool complete = ReadBoth(out, err, clock, end, said, complained);
  if (!complete) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (said.size() > kMostOutput) return Fail(ErrorCode::kFull, program + ": prints too much");
  if (!complete) return Fail(ErrorCode::kTimeout, program + ": no answer in time");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said;
  const std::string_view first =
      Trim(std::string_view(complained).substr(0, complained.find('\n')));
  return Fail(ErrorCode::kIo, first.empty() ? program + " failed" : std::string(first));
}

}  // namespace mxward::cli::doctor
