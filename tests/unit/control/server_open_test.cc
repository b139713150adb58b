// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "control/server.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/server_fixture.h"

namespace mxward::control {
namespace {

using Catch::Matchers::StartsWith;

ServerAddress Loopback(std::uint16_t port = 0) {
  return {IpAddress::Parse("127.0.0.1").value(), port};
}

// A server that everybody can ask, too, on a port of the kernel's choice.
class OpenFixture {
 public:
  explicit OpenFixture(Server::Limits limits = {.connections = 4, .deadline = Millis(30000)},
                       Handler handler = Answer) {
    TcpListener listener = *TcpListener::Bind(Loopback());
    port = listener.address().port;
    behind.server.Listen(std::move(listener), std::move(handler), limits);
    started = behind.server.Start().has_value();
  }

  static Response Answer(const Request& request) {
    return {200, "open " + request.method + " " + request.path + " from " + request.peer + ".\n",
            "text/plain"};
  }
  std::string Ask(const std::string& request) const {
    RawClient client(port);
    client.Send(request);
    return client.ReadAll();
  }

  ServerFixture behind;
  std::uint16_t port = 0;
  bool started = false;
};

TEST_CASE("a TCP socket has a handler of its own and knows nobody", "[control]") {
  const OpenFixture fixture;
  REQUIRE(fixture.started);
  CHECK_THAT(fixture.Ask(kGet), HasText("\r\nContent-Type: text/plain\r\n"));
  CHECK_THAT(fixture.Ask(kGet), HasText("\r\n\r\nopen GET /x from .\n"));
  // The control socket's goes on as ever.
  CHECK_THAT(fixture.behind.Ask(kGet), HasText("\r\n\r\nGET /x 0 uid "));
}

TEST_CASE("HEAD is answered without a body", "[control]") {
  const OpenFixture fixture;
  const std::string text = fixture.Ask("HEAD /x HTTP/1.1\r\n\r\n");
  CHECK_THAT(text, HasText("\r\nContent-Length: 20\r\n"));
  CHECK_THAT(text, Catch::Matchers::EndsWith("\r\n\r\n"));
}

TEST_CASE("a further connection closes the oldest one, not itself", "[control]") {
  const OpenFixture fixture;
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<RawClient>(fixture.port));
  // Answered long before the deadline of those that hold all the places.
  CHECK_THAT(fixture.Ask(kGet), StartsWith("HTTP/1.1 200 "));
  CHECK(silent[0]->ReadAll().empty());
  // Those that came later still have theirs.
  silent[3]->Send(kGet);
  CHECK_THAT(silent[3]->ReadAll(), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a crowd at the TCP socket keeps nobody from the control socket", "[control]") {
  const OpenFixture fixture;
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(std::make_unique<RawClient>(fixture.port));
    if (i % 2 == 0) crowd.back()->Send("GET /");
  }
  CHECK_THAT(fixture.behind.Ask(kGet), StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(fixture.Ask(kGet), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("who does not read what he asked for is closed at the deadline", "[control]") {
  constexpr std::size_t kAnswer = 8 << 20;  // far more than fits into a socket
  const OpenFixture fixture({.connections = 4, .deadline = Millis(300)}, [](const Request&) {
    return Response{200, std::string(kAnswer, 'z'), "text/plain"};
  });
  RawClient client(fixture.port);
  client.Send(kGet);
  std::this_thread::sleep_for(Millis(1000));
  CHECK(client.ReadAll().size() < kAnswer);
}

TEST_CASE("a handler that throws costs one answer", "[control]") {
  const OpenFixture fixture({.connections = 4, .deadline = Millis(30000)},
                            [](const Request&) -> Response { throw std::runtime_error("oops"); });
  CHECK_THAT(fixture.Ask(kGet), StartsWith("HTTP/1.1 500 "));
  CHECK_THAT(fixture.Ask(kGet), StartsWith("HTTP/1.1 500 "));
}

TEST_CASE("after the end nobody listens there", "[control]") {
  OpenFixture fixture;
  CHECK(fixture.behind.server.Stop(Millis(kPatience)));
  CHECK_FALSE(RawClient(fixture.port).connected());
}

TEST_CASE("a port that is taken is said to be", "[control]") {
  const auto first = TcpListener::Bind(Loopback());
  REQUIRE(first);
  CHECK(first->address().port != 0);
  const auto second = TcpListener::Bind(Loopback(first->address().port));
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        first->address().ToString() + ": cannot listen: Address already in use");
}

}  // namespace
}  // namespace mxward::control
