// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/unit/catch.h"
#include "tests/unit/control/server_fixture.h"

namespace mxward::control {
namespace {

TEST_CASE("the server answers one request a connection", "[control]") {
  ServerFixture fixture;
  REQUIRE(fixture.server.Start());
  const std::string me = "uid " + std::to_string(geteuid());
  CHECK_THAT(fixture.Ask(kGet), HasText("\r\n\r\nGET /x 0 " + me));
  CHECK_THAT(fixture.Ask("PUT /y HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), HasText("PUT /y 3 "));
  CHECK_THAT(fixture.Ask("hello\r\n\r\n"), Catch::Matchers::StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("a refused body does not cost the answer", "[control]") {
  ServerFixture fixture;
  REQUIRE(fixture.server.Start());
  RawClient client(fixture.path);
  client.Send("PUT /y HTTP/1.1\r\nContent-Length: 200000\r\n\r\n");
  std::thread sender([&client] { client.Send(std::string(200000, 'x')); });
  CHECK_THAT(client.ReadAll(), Catch::Matchers::StartsWith("HTTP/1.1 413 "));
  client.EndSending();
  sender.join();
}

TEST_CASE("a client that has ended its sending still gets its answer", "[control]") {
  ServerFixture fixture;
  REQUIRE(fixture.server.Start());
  RawClient client(fixture.path);
  client.Send(kGet);
  client.EndSending();
  CHECK_THAT(client.ReadAll(), HasText("GET /x"));
}

TEST_CASE("an answer of a megabyte arrives whole", "[control]") {
  const std::string large(1 << 20, 'z');
  ServerFixture fixture(Server::Limits(), [&](const Request&) { return Response{200, large}; });
  REQUIRE(fixture.server.Start());
  CHECK(fixture.Ask(kGet).size() > large.size());
}

TEST_CASE("a slow client holds nobody and is closed at its deadline", "[control]") {
  // Long enough for a loaded machine to serve the one that does read.
  constexpr Millis kDeadline{2000};
  constexpr std::size_t kAnswer = 1 << 20;  // far more than fits into a socket
  ServerFixture fixture({.connections = 32, .deadline = kDeadline}, [](const Request&) {
    return Response{200, std::string(kAnswer, 'z')};
  });
  REQUIRE(fixture.server.Start());
  RawClient silent(fixture.path);
  RawClient dripping(fixture.path);
  RawClient not_reading(fixture.path);
  not_reading.Send(kGet);
  std::atomic<bool> done = false;
  std::thread drip([&] {
    while (!done) {
      dripping.Send("G");
      std::this_thread::sleep_for(Millis(20));
    }
  });
  CHECK(fixture.Ask(kGet).size() > kAnswer);
  CHECK(silent.ReadAll().empty());
  CHECK(dripping.ReadAll().empty());
  done = true;
  drip.join();
  std::this_thread::sleep_for(kDeadline + Millis(300));
  // It was given what fitted into the socket, and no more.
  CHECK(not_reading.ReadAll().size() < kAnswer);
}

TEST_CASE("connections beyond the limit are turned away", "[control]") {
  ServerFixture fixture({.connections = 2, .deadline = Millis(10000)});
  REQUIRE(fixture.server.Start());
  auto first = std::make_unique<RawClient>(fixture.path);
  RawClient second(fixture.path);
  first->Send("G");
  CHECK_THAT(fixture.Ask(kGet), Catch::Matchers::StartsWith("HTTP/1.1 503 "));
  first.reset();
  std::string answer;
  for (int i = 0; i < 100 && answer.find("200 OK") == std::string::npos; ++i) {
    // The loop has to hear first that the other one has gone.
    std::this_thread::sleep_for(Millis(10));
    answer = fixture.Ask(kGet);
  }
  CHECK_THAT(answer, HasText("200 OK"));
}

TEST_CASE("an exception of the handler is an answer", "[control]") {
  ServerFixture fixture(Server::Limits(),
                        [](const Request&) -> Response { throw std::runtime_error("a fault"); });
  REQUIRE(fixture.server.Start());
  CHECK_THAT(fixture.Ask(kGet), Catch::Matchers::StartsWith("HTTP/1.1 500 ") && HasText("a fault"));
}

TEST_CASE("timers run on the loop again and again, whatever they throw", "[control]") {
  ServerFixture fixture;
  std::atomic<int> runs = 0;
  fixture.server.Every(Millis(5), [&] {
    ++runs;
    throw std::runtime_error("a fault");
  });
  REQUIRE(fixture.server.Start());
  for (int i = 0; i < 500 && runs < 3; ++i) std::this_thread::sleep_for(Millis(10));
  CHECK(runs >= 3);
  CHECK(fixture.log.Contains("a fault"));
}

TEST_CASE("a stop ends connections and removes the socket", "[control]") {
  ServerFixture fixture;
  REQUIRE(fixture.server.Start());
  RawClient open(fixture.path);
  open.Send("G");
  CHECK(fixture.server.Stop(Millis(kPatience)));
  CHECK(open.ReadAll() == "");
  CHECK(access(fixture.path.c_str(), F_OK) != 0);
  CHECK(fixture.server.Stop(Millis(kPatience)));
}

TEST_CASE("a stop does not wait for a handler that hangs", "[control]") {
  std::atomic<bool> entered = false;
  std::atomic<bool> go_on = false;
  ServerFixture fixture(Server::Limits(), [&](const Request&) -> Response {
    entered = true;
    while (!go_on) std::this_thread::sleep_for(Millis(1));
    return {};
  });
  REQUIRE(fixture.server.Start());
  RawClient client(fixture.path);
  client.Send(kGet);
  while (!entered) std::this_thread::sleep_for(Millis(1));
  CHECK_FALSE(fixture.server.Stop(Millis(50)));
  go_on = true;
  // The thread ends by itself, and only then may what it uses go away.
  CHECK(client.ReadAll() != "timeout");
}

TEST_CASE("what somebody may do follows from user and groups", "[control]") {
  const Peer stranger{1000, 1000, {4, 1000}};
  CHECK_FALSE(RoleOf(stranger, 106, 110, std::nullopt));
  CHECK_FALSE(RoleOf(stranger, 106, 110, 111));
  CHECK(RoleOf({0, 0, {}}, 106, 110, std::nullopt) == Role::kOwner);
  CHECK(RoleOf({106, 1, {}}, 106, 110, 111) == Role::kOwner);
  CHECK(RoleOf({1000, 110, {}}, 106, 110, 111) == Role::kControl);
  CHECK(RoleOf({1000, 1000, {4, 110, 111}}, 106, 110, 111) == Role::kControl);
  CHECK(RoleOf({1000, 111, {}}, 106, 110, 111) == Role::kRead);
  CHECK(RoleOf({1000, 1000, {4, 111}}, 106, 110, 111) == Role::kRead);
  CHECK_FALSE(RoleOf({1000, 1000, {4, 111}}, 106, 110, std::nullopt));
}

TEST_CASE("the kernel says who connects", "[control]") {
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const auto peer = PeerOf(pair[0]);
  REQUIRE(peer);
  CHECK(peer->uid == geteuid());
  CHECK(peer->gid == getegid());
  std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
  CHECK(getgroups(static_cast<int>(groups.size()), groups.data()) >= 0);
  CHECK(peer->groups == groups);
  close(pair[0]);
  close(pair[1]);
}

TEST_CASE("a socket left behind is replaced, one in use is not", "[control]") {
  TempDir dir;
  const std::string path = dir.File("s");
  {
    // As a killed daemon leaves it: bound, and the lock gone.
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    close(fd);
  }
  auto listener = UnixListener::Bind({path, 0600, ""});
  REQUIRE(listener);
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(RawClient(path).connected());
  const auto second = UnixListener::Bind({path, 0600, ""});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kUnavailable);
  CHECK(RawClient(path).connected());
}

TEST_CASE("what is no socket is never replaced", "[control]") {
  TempDir dir;
  const std::string path = dir.File("precious");
  std::ofstream(path) << "data";
  const auto listener = UnixListener::Bind({path, 0600, ""});
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == ErrorCode::kInvalid);
  CHECK_THAT(listener.error().message, HasText("not a socket"));
  CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("a socket that cannot be made says why", "[control]") {
  const auto [path, group, message] = GENERATE(table<std::string, std::string, std::string>({
      {"/tmp/" + std::string(103, 'x'), "", "107 characters at most, this one has 108"},
      {"relative", "", "must be absolute"},
      {"", "", "must be absolute"},
      {"/nonexistent/folder/s", "", "/nonexistent/folder/s"},
      {"/tmp/mxward-test-no-group", "no-such-group", "there is no group \"no-such-group\""},
  }));
  const auto listener = UnixListener::Bind({path, 0600, group});
  REQUIRE_FALSE(listener);
  CHECK_THAT(listener.error().message, HasText(message));
}

}  // namespace
}  // namespace mxward::control
