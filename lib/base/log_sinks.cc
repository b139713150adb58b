// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace mxward {
namespace {

int Priority(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return LOG_INFO;
    case LogLevel::kWarning:
      return LOG_WARNING;
    case LogLevel::kError:
      return LOG_ERR;
  }
  return LOG_ERR;
}

class StderrSink : public LogSink {
 public:
  void Write(const std::vector<Line>& lines) override {
    std::string text;
    for (const Line& line : lines) text.append(line.text).push_back('\n');
    std::string_view rest = text;
    while (!rest.empty()) {
      const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
};

class SyslogSink : public LogSink {
 public:
  SyslogSink() { openlog("mxward", LOG_PID | LOG_NDELAY, LOG_MAIL); }
  ~SyslogSink() override { closelog(); }
  void Write(const std::vector<Line>& lines) override {
    for (const Line& line : lines) {
      syslog(Priority(line.level), "%.*s", static_cast<int>(line.text.size()), line.text.data());
    }
  }
};

bool ConnectToJournal(int fd) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, "/run/systemd/journal/socket", sizeof address.sun_path - 1);
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// One datagram a line: FIELD=value lines (systemd.journal-fields(7)).
class JournalSink : public LogSink {
 public:
  explicit JournalSink(int fd) : fd_(fd) {}
  ~JournalSink() override { close(fd_); }
  void Write(const std::vector<Line>& lines) override {
    for (const Line& line : lines) {
      std::string datagram = "PRIORITY=" + std::to_string(Priority(line.level)) +
                             "\nSYSLOG_FACILITY=" + std::to_string(LOG_MAIL >> 3) +
                             "\nSYSLOG_IDENTIFIER=mxward\nSYSLOG_PID=" + std::to_string(getpid()) +
                             "\nMESSAGE=";
      datagram.append(line.text).append("\n");
      // A restarted journal has another socket.
      if (!Send(datagram) && ConnectToJournal(fd_)) Send(datagram);
    }
  }

 private:
  bool Send(const std::string& datagram) const {
    return send(fd_, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
  }

  int fd_;
};

}  // namespace

std::unique_ptr<LogSink> NewStderrSink() { return std::make_unique<StderrSink>(); }
std::unique_ptr<LogSink> NewSyslogSink() { return std::make_unique<SyslogSink>(); }

std::unique_ptr<LogSink> NewJournalSink() {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return NewSyslogSink();
  if (!ConnectToJournal(fd)) {
    close(fd);
    return NewSyslogSink();
  }
  return std::make_unique<JournalSink>(fd);
}

}  // namespace mxward
