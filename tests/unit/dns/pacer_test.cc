// SPDX-License-Identifier: Apache-2.0
#include "dns/pacer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

using Whose = Pacer::Whose;

struct Paced {
  void Ask(int number, Whose whose = Whose::kOurs) {
    if (pacer.HasRoom(whose)) {
      Send(number, whose);
    } else {
      places.push_back(pacer.Wait(whose, [this, number, whose] { Send(number, whose); }));
    }
  }
  void Send(int number, Whose whose) {
    sent.push_back(number);
    tickets.push_back(pacer.Enter(whose, now));
  }

  Pacer pacer;
  MonoTime now{Seconds(100)};
  std::vector<int> sent;
  std::vector<Pacer::Ticket> tickets;
  std::vector<Pacer::Place> places;
};

constexpr int kMost = Pacer::kMost;

TEST_CASE("so many questions go to a server, the others wait for their turn", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost + 3; ++i) paced.Ask(i);
  CHECK(paced.sent.size() == Pacer::kMost);
  paced.pacer.SendWaiting();
  CHECK(paced.sent.size() == Pacer::kMost);
  paced.pacer.Leave(paced.tickets[5]);
  paced.pacer.Leave(paced.tickets[7]);
  // Nobody passes those who wait.
  paced.Ask(kMost + 3);
  CHECK(paced.sent.size() == Pacer::kMost);
  paced.pacer.SendWaiting();
  REQUIRE(paced.sent.size() == Pacer::kMost + 2);
  CHECK(paced.sent[Pacer::kMost] == kMost);
  CHECK(paced.sent[Pacer::kMost + 1] == kMost + 1);
}

TEST_CASE("strangers' questions leave room for ours, and ours go first", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost; ++i) paced.Ask(i, Whose::kStrangers);
  CHECK(paced.sent.size() == Pacer::kMost - Pacer::kReserved);
  for (int i = 0; i < kMost; ++i) paced.Ask(1000 + i);
  CHECK(paced.sent.size() == Pacer::kMost);
  CHECK(paced.sent.back() >= 1000);
  // A stranger's place that becomes free is ours while any of ours waits.
  paced.pacer.Leave(paced.tickets[0]);
  paced.pacer.SendWaiting();
  CHECK(paced.sent.back() >= 1000);
  for (const Pacer::Ticket ticket : std::vector(paced.tickets)) paced.pacer.Leave(ticket);
  paced.pacer.SendWaiting();
  CHECK(paced.sent.size() == 2 * Pacer::kMost);
  CHECK(std::count_if(paced.sent.begin(), paced.sent.end(), [](int n) { return n >= 1000; }) ==
        kMost);
}

TEST_CASE("who no longer waits gets no turn", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost + 2; ++i) paced.Ask(i);
  paced.pacer.Withdraw(paced.places[0]);
  paced.pacer.Leave(paced.tickets[0]);
  paced.pacer.SendWaiting();
  CHECK(paced.sent.back() == kMost + 1);
}

TEST_CASE("a question without an answer holds its place for a while only", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost; ++i) paced.Ask(i);
  paced.now += Millis(40);
  paced.pacer.Leave(paced.tickets[0]);
  paced.Ask(kMost);
  paced.Ask(kMost + 1);
  CHECK_FALSE(paced.pacer.HasRoom(Whose::kOurs));
  paced.now += Pacer::kInFlightTimeout - Millis(40);
  paced.pacer.Expire(paced.now);
  paced.pacer.SendWaiting();
  CHECK(paced.sent.back() == kMost + 1);
  // Two are newer than the rest; an answer that comes late makes no room twice.
  for (const Pacer::Ticket ticket : std::vector(paced.tickets.begin(), paced.tickets.begin() + 9)) {
    paced.pacer.Leave(ticket);
  }
  for (int i = 0; i < kMost; ++i) paced.Ask(1000 + i);
  CHECK(paced.sent.back() == 1000 + kMost - 3);
}

TEST_CASE("questions that fail as they are sent take their turns one after the other", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost; ++i) paced.Ask(i);
  int depth = 0;
  int deepest = 0;
  int failed = 0;
  for (int i = 0; i < 10000; ++i) {
    paced.pacer.Wait(Whose::kOurs, [&] {
      deepest = std::max(deepest, ++depth);
      paced.pacer.Leave(paced.pacer.Enter(Whose::kOurs, paced.now));
      ++failed;
      paced.pacer.SendWaiting();
      --depth;
    });
  }
  paced.pacer.Leave(paced.tickets[0]);
  paced.pacer.SendWaiting();
  CHECK(failed == 10000);
  CHECK(deepest == 1);
}

TEST_CASE("a turn that ends in an exception does not end the others'", "[dns]") {
  Paced paced;
  for (int i = 0; i < kMost; ++i) paced.Ask(i);
  paced.pacer.Wait(Whose::kOurs, [] { throw std::string("planted"); });
  paced.Ask(kMost);
  paced.pacer.Leave(paced.tickets[0]);
  CHECK_THROWS(paced.pacer.SendWaiting());
  paced.pacer.SendWaiting();
  CHECK(paced.sent.back() == kMost);
}

}  // namespace
}  // namespace mxward::dns
