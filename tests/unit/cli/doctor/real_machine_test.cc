// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/real_machine.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/doctor/run_program.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"

namespace mxward::cli::doctor {
namespace {

// Long enough for a machine that is busy.
constexpr Millis kLong{60000};

class Listener {
 public:
  explicit Listener(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    bound_ = bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
             listen(fd_, 5) == 0;
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(fd_); }
  bool bound() const { return bound_; }

 private:
  int fd_;
  bool bound_ = false;
};

TEST_CASE("a program gets its words as they are, and next to no environment", "[cli]") {
  const RealClock clock;
  const auto said = RunProgram("printf", {"%s|", "a b", "$HOME;*", "'"}, clock, kLong);
  REQUIRE(said);
  CHECK(*said == "a b|$HOME;*|'|");
  const auto environment = RunProgram("env", {}, clock, kLong);
  REQUIRE(environment);
  CHECK(*environment == "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
}

TEST_CASE("a program that is absent, fails or takes too long is an error", "[cli]") {
  const RealClock clock;
  const auto absent = RunProgram("mxward-no-such-program", {}, clock, kLong);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ErrorCode::kNotFound);
  const auto failed = RunProgram("ls", {"/no/such/folder"}, clock, kLong);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::kIo);
  CHECK_THAT(failed.error().message, HasText("/no/such/folder"));
  const auto slow = RunProgram("sleep", {"600"}, clock, Millis(20));
  REQUIRE_FALSE(slow);
  CHECK(slow.error().code == ErrorCode::kTimeout);
}

TEST_CASE("output of more than a pipe holds is read, and too much is refused", "[cli]") {
  const RealClock clock;
  const auto much = RunProgram("seq", {"100000"}, clock, kLong);
  REQUIRE(much);
  CHECK(much->size() == 588895);
  CHECK(RunProgram("seq", {"2000000"}, clock, kLong).error().code == ErrorCode::kFull);
}

TEST_CASE("the machine tells what is absent from what cannot be had", "[cli]") {
  const RealClock clock;
  const TempDir dir;
  RealMachine machine(clock, dir.path() + "/control.sock");
  std::ofstream(dir.path() + "/file") << "text";
  std::filesystem::create_symlink(dir.path() + "/file", dir.path() + "/link");
  const Listener listener(dir.path() + "/socket");
  REQUIRE(listener.bound());
  CHECK(machine.Read(dir.path() + "/link").value_or("") == "text");
  CHECK(machine.RealPath(dir.path() + "/link").value_or("") ==
        machine.RealPath(dir.path() + "/file").value_or("-"));
  CHECK(machine.Look(dir.path() + "/link")->kind == Machine::File::Kind::kRegular);
  CHECK(machine.Look(dir.path())->kind == Machine::File::Kind::kFolder);
  CHECK(machine.Look(dir.path() + "/socket")->kind == Machine::File::Kind::kSocket);
  CHECK(machine.Look(dir.path())->owner == geteuid());
  CHECK(machine.Read(dir.path() + "/absent").error().code == ErrorCode::kNotFound);
  CHECK(machine.Read(dir.path()).error().code == ErrorCode::kIo);  // a folder
  CHECK(machine.Look(dir.path() + "/file/below").error().code == ErrorCode::kNotFound);
  CHECK(machine.SpaceAt(dir.path())->total_bytes > 0);
  CHECK(machine.SpaceAt(dir.path() + "/absent").error().code == ErrorCode::kNotFound);
}

TEST_CASE("the machine knows accounts with all their groups", "[cli]") {
  const RealClock clock;
  RealMachine machine(clock, "");
  const auto root = machine.FindAccount("root");
  REQUIRE(root);
  CHECK(root->user == 0);
  CHECK(std::find(root->groups.begin(), root->groups.end(), 0U) != root->groups.end());
  CHECK(machine.UserName(0) == "root");
  CHECK(machine.GroupName(4000000001) == "4000000001");
  CHECK_FALSE(machine.FindAccount("mxward-no-such-user"));
}

TEST_CASE("the daemon is who listens at its socket", "[cli]") {
  const RealClock clock;
  const TempDir dir;
  const Listener listener(dir.path() + "/control.sock");
  REQUIRE(listener.bound());
  RealMachine machine(clock, dir.path() + "/control.sock");
  const auto daemon = machine.FindDaemon();
  REQUIRE(daemon);
  CHECK(daemon->id == getpid());
  CHECK(daemon->user == geteuid());
  RealMachine other(clock, dir.path() + "/other.sock");
  CHECK(other.FindDaemon().error().code == ErrorCode::kNotFound);
  CHECK(other.AskDaemon("/v1/status").error().code == ErrorCode::kNotFound);
  CHECK_FALSE(other.AskFilter("unix:" + dir.path() + "/other.sock"));
}

}  // namespace
}  // namespace mxward::cli::doctor
