// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/real_machine.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>

#include "base/descriptor.h"
#include "base/own_addresses.h"
#include "cli/backend.h"
#include "cli/doctor/run_program.h"
#include "cli/probe/milter_client.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::size_t kMostRead = 1 << 20;
constexpr Millis kProgramLimit{10000};
constexpr Millis kFilterLimit{5000};

tl::unexpected<Error> Failed(const std::string& path) {
  const int code = errno;
  const bool absent = code == ENOENT || code == ENOTDIR || code == ECONNREFUSED;
  const bool hidden = code == EACCES || code == EPERM;
  return Fail(absent   ? ErrorCode::kNotFound
              : hidden ? ErrorCode::kUnavailable
                       : ErrorCode::kIo,
              path + ": " + std::strerror(code));
}

// "Uid: real effective saved filesystem" in /proc/PID/status.
std::optional<uid_t> EffectiveUser(const std::string& status) {
  constexpr std::string_view kName = "\nUid:";
  const std::size_t at = status.find(kName);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream numbers(status.substr(at + kName.size()));
  uid_t real = 0;
  uid_t effective = 0;
  if (!(numbers >> real >> effective)) return std::nullopt;
  return effective;
}

}  // namespace

Result<std::string> RealMachine::Read(const std::string& path) {
  // Not to be held up by a pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return Failed(path);
  std::string text;
  std::array<char, 8192> buffer;
  for (;;) {
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed(path);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostRead) return Fail(ErrorCode::kFull, path + ": longer than a megabyte");
  }
}

Result<Machine::File> RealMachine::Look(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Failed(path);
  File file;
  file.kind = S_ISREG(info.st_mode)    ? File::Kind::kRegular
              : S_ISDIR(info.st_mode)  ? File::Kind::kFolder
              : S_ISSOCK(info.st_mode) ? File::Kind::kSocket
                                       : File::Kind::kOther;
  file.owner = info.st_uid;
  file.group = info.st_gid;
  file.mode = info.st_mode & static_cast<mode_t>(~S_IFMT);
  return file;
}

Result<std::string> RealMachine::RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real == nullptr) return Failed(path);
  return std::string(real.get());
}

Result<Machine::Space> RealMachine::SpaceAt(const std::string& path) {
  struct statvfs info {};
  if (statvfs(path.c_str(), &info) != 0) return Failed(path);
  return Space{std::uint64_t{info.f_bavail} * info.f_frsize,
               std::uint64_t{info.f_blocks} * info.f_frsize};
}

Result<std::string> RealMachine::Run(const std::string& program,
                                     const std::vector<std::string>& words) {
  return RunProgram(program, words, clock_, kProgramLimit);
}

std::optional<Machine::Account> RealMachine::FindAccount(const std::string& name) {
  const passwd* user = getpwnam(name.c_str());
  if (user == nullptr) return std::nullopt;
  Account account;
  account.user = user->pw_uid;
  const gid_t primary = user->pw_gid;
  int count = NGROUPS_MAX;
  account.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(name.c_str(), primary, account.groups.data(), &count) < 0) count = 0;
  account.groups.resize(static_cast<std::size_t>(count));
  if (account.groups.empty()) account.groups.push_back(primary);
  return account;
}

std::string RealMachine::UserName(uid_t user) {
  const passwd* found = getpwuid(user);
  return found != nullptr ? found->pw_name : std::to_string(user);
}

std::string RealMachine::GroupName(gid_t group) {
  const struct group* found = getgrgid(group);
  return found != nullptr ? found->gr_name : std::to_string(group);
}

std::optional<bool> RealMachine::ClockInStep() {
  timex state{};
  if (adjtimex(&state) < 0) return std::nullopt;
  return (state.status & STA_UNSYNC) == 0;
}

std::vector<IpAddress> RealMachine::OwnAddresses() { return mxward::OwnAddresses(); }

Result<void> RealMachine::AskFilter(const std::string& address) {
  MXWARD_TRY(const auto client, MilterClient::Connect(address, kFilterLimit));
  MXWARD_TRY(client->Negotiate());
  // It has answered; whether the farewell arrives does not matter.
  static_cast<void>(client->SendQuit());
  return {};
}

Result<Json> RealMachine::AskDaemon(const std::string& path) {
  MXWARD_TRY(const auto daemon, SocketBackend::Open(control_socket_));
  MXWARD_TRY(const auto reply, daemon->Ask("GET", path));
  return reply.json;
}

Result<Machine::Process> RealMachine::FindDaemon() {
  if (!daemon_) daemon_ = AskForDaemon();
  return *daemon_;
}

// Who listens at the control socket.
Result<Machine::Process> RealMachine::AskForDaemon() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (control_socket_.size() >= sizeof address.sun_path) {
    return Fail(ErrorCode::kInvalid, control_socket_ + ": too long for a unix socket");
  }
  std::memcpy(address.sun_path, control_socket_.c_str(), control_socket_.size() + 1);
  const Descriptor socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (connect(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failed(control_socket_);
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket_fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return Failed(control_socket_);
  }
  // The user is the one who began to listen: root, where it changed users afterwards.
  const auto status = Read("/proc/" + std::to_string(peer.pid) + "/status");
  return Process{peer.pid, status ? EffectiveUser(*status).value_or(peer.uid) : peer.uid};
}

}  // namespace mxward::cli::doctor
