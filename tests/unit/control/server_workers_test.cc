// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "control/server.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/server_fixture.h"

namespace mxward::control {
namespace {

const std::string kSlow = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

bool IsSlow(const Request& request) { return request.path == "/slow"; }

// A slow handler that ends when it is told to; everything else is answered at once.
class Gate {
 public:
  Response Handle(const Request& request) {
    if (!IsSlow(request)) return {200, "quick"};
    ++entered;
    while (!open) std::this_thread::sleep_for(Millis(1));
    ++left;
    return {200, "slow"};
  }
  bool AwaitEntered(int count) const {
    for (int i = 0; i < kPatience && entered < count; ++i) std::this_thread::sleep_for(Millis(1));
    return entered == count;
  }
  bool AwaitLeft(int count) const {
    for (int i = 0; i < kPatience && left < count; ++i) std::this_thread::sleep_for(Millis(1));
    return left == count;
  }

  std::atomic<int> entered = 0;
  std::atomic<int> left = 0;
  std::atomic<bool> open = false;
};

// A server with such a handler, which holds the gate for as long as a worker stands in it.
class WorkersFixture {
 public:
  explicit WorkersFixture(Server::Limits limits = Server::Limits())
      : gate(std::make_shared<Gate>()),
        server(limits, [gate = gate](const Request& request) { return gate->Handle(request); }) {
    server.server.HandleOnWorkers(&IsSlow);
  }
  ~WorkersFixture() { gate->open = true; }
  WorkersFixture(const WorkersFixture&) = delete;
  WorkersFixture& operator=(const WorkersFixture&) = delete;

  std::string Ask(const std::string& request) const { return server.Ask(request); }

  std::shared_ptr<Gate> gate;
  ServerFixture server;
};

TEST_CASE("a slow request holds up no other", "[control]") {
  WorkersFixture fixture;
  REQUIRE(fixture.server.server.Start());
  RawClient slow(fixture.server.path);
  slow.Send(kSlow);
  REQUIRE(fixture.gate->AwaitEntered(1));
  CHECK_THAT(fixture.Ask(kGet), Catch::Matchers::EndsWith("quick\n"));
  CHECK(fixture.gate->left == 0);
  fixture.gate->open = true;
  CHECK_THAT(slow.ReadAll(),
             Catch::Matchers::StartsWith("HTTP/1.1 200 ") && Catch::Matchers::EndsWith("slow\n"));
}

TEST_CASE("slow requests beyond the limit are told to come again", "[control]") {
  WorkersFixture fixture({.connections = 32, .deadline = Millis(10000), .workers = 2});
  REQUIRE(fixture.server.server.Start());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::make_unique<RawClient>(fixture.server.path));
    clients.back()->Send(kSlow);
  }
  REQUIRE(fixture.gate->AwaitEntered(2));
  const std::string refused = fixture.Ask(kSlow);
  CHECK_THAT(refused, Catch::Matchers::StartsWith("HTTP/1.1 503 ") && HasText("\"busy\""));
  fixture.gate->open = true;
  for (const auto& client : clients) {
    CHECK_THAT(client->ReadAll(), Catch::Matchers::EndsWith("slow\n"));
  }
  // A place is free again a moment after the answer has been read.
  std::string answer;
  for (int i = 0; i < kPatience && !answer.ends_with("slow\n"); ++i) {
    answer = fixture.Ask(kSlow);
  }
  CHECK_THAT(answer, Catch::Matchers::EndsWith("slow\n"));
}

TEST_CASE("a client that has ended its sending still gets its slow answer", "[control]") {
  WorkersFixture fixture;
  REQUIRE(fixture.server.server.Start());
  RawClient client(fixture.server.path);
  client.Send(kSlow + "more than was asked for");
  client.EndSending();
  REQUIRE(fixture.gate->AwaitEntered(1));
  // The loop has read the end by the time it answers somebody else.
  fixture.Ask(kGet);
  fixture.gate->open = true;
  CHECK_THAT(client.ReadAll(), Catch::Matchers::EndsWith("slow\n"));
  CHECK(fixture.gate->entered == 1);
}

TEST_CASE("the answer for a client that has gone reaches nobody else", "[control]") {
  WorkersFixture fixture({.connections = 32, .deadline = Millis(2000)});
  REQUIRE(fixture.server.server.Start());
  auto gone = std::make_unique<RawClient>(fixture.server.path);
  gone->Send(kSlow);
  REQUIRE(fixture.gate->AwaitEntered(1));
  SECTION("because it closed") { gone.reset(); }
  SECTION("because its time was over") { CHECK(gone->ReadAll().empty()); }
  std::vector<std::unique_ptr<RawClient>> others;
  for (int i = 0; i < 8; ++i) others.push_back(std::make_unique<RawClient>(fixture.server.path));
  fixture.gate->open = true;
  REQUIRE(fixture.gate->AwaitLeft(1));
  for (const auto& other : others) other->Send(kGet);
  for (const auto& other : others) {
    CHECK_THAT(other->ReadAll(), Catch::Matchers::EndsWith("quick\n"));
  }
}

TEST_CASE("an exception of a slow handler is an answer", "[control]") {
  ServerFixture fixture(Server::Limits(),
                        [](const Request&) -> Response { throw std::runtime_error("a fault"); });
  fixture.server.HandleOnWorkers(&IsSlow);
  REQUIRE(fixture.server.Start());
  CHECK_THAT(fixture.Ask(kSlow),
             Catch::Matchers::StartsWith("HTTP/1.1 500 ") && HasText("a fault"));
}

TEST_CASE("a stop waits for slow requests within its limit", "[control]") {
  WorkersFixture fixture;
  REQUIRE(fixture.server.server.Start());
  RawClient client(fixture.server.path);
  client.Send(kSlow);
  REQUIRE(fixture.gate->AwaitEntered(1));
  SECTION("and they end in time") {
    std::thread opener([&] { fixture.gate->open = true; });
    CHECK(fixture.server.server.Stop(Millis(kPatience)));
    CHECK(fixture.gate->left == 1);
    opener.join();
  }
  SECTION("and leaves behind one that does not end") {
    CHECK_FALSE(fixture.server.server.Stop(Millis(50)));
    CHECK(access(fixture.server.path.c_str(), F_OK) != 0);
    CHECK(fixture.gate->left == 0);
  }
  CHECK(client.ReadAll() != "timeout");
}

TEST_CASE("a server that goes away waits for a slow request", "[control]") {
  auto gate = std::make_shared<Gate>();
  std::thread opener;
  {
    ServerFixture fixture(Server::Limits(),
                          [gate](const Request& request) { return gate->Handle(request); });
    fixture.server.HandleOnWorkers(&IsSlow);
    REQUIRE(fixture.server.Start());
    RawClient client(fixture.path);
    client.Send(kSlow);
    REQUIRE(gate->AwaitEntered(1));
    CHECK_FALSE(fixture.server.Stop(Millis(20)));
    CHECK(gate->left == 0);
    // Its answer finds the loop, though not running.
    opener = std::thread([&] { gate->open = true; });
  }
  CHECK(gate->left == 1);
  CHECK(gate.use_count() == 1);
  opener.join();
}

}  // namespace
}  // namespace mxward::control
