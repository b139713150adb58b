// SPDX-License-Identifier: Apache-2.0
#include "clients/tls_monitor.h"

#include <string>

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

const std::string kHere = "port 25 of mx.example.org";

struct TlsFixture {
  FakeClock clock;
  MemoryLog log;
  TlsMonitor monitor{clock, log};

  static TlsUse Used(int days) {
    TlsUse use;
    use.on.days = static_cast<std::uint16_t>(days);
    return use;
  }
  void Clear(std::uint32_t organisation, std::uint64_t network, int days = 5) {
    monitor.NoteClear(kHere, {organisation, network}, Used(days));
  }
};

TEST_CASE("a session with TLS proves that it is offered, for a week", "[clients]") {
  TlsFixture fixture;
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kUnknown);
  fixture.monitor.NoteTls(kHere);
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kOffered);
  CHECK(fixture.monitor.OfferAt("another") == TlsOffer::kUnknown);
  fixture.clock.Advance(Seconds(7 * 86400 - 1));
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kOffered);
  fixture.clock.Advance(Seconds(1));
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kUnknown);
}

TEST_CASE("five votes without TLS say that it broke, one session with it that it works",
          "[clients]") {
  TlsFixture fixture;
  fixture.monitor.NoteTls(kHere);
  for (std::uint32_t i = 1; i <= 4; ++i) fixture.Clear(i, i);
  // One organisation, one network: one vote. And who did not always use TLS has none.
  for (std::uint32_t i = 1; i <= 50; ++i) {
    fixture.Clear(4, 100 + i);
    fixture.Clear(100 + i, 4);
    fixture.Clear(200 + i, 200 + i, 4);
  }
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kOffered);
  SECTION("the fifth") {
    fixture.Clear(5, 5);
    CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kBroken);
    // Its proof is over, and it is broken all the same.
    fixture.clock.Advance(Seconds(30 * 86400));
    CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kBroken);
    fixture.monitor.NoteTls("another");
    CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kBroken);
    fixture.monitor.NoteTls(kHere);
    CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kOffered);
  }
  SECTION("a session with TLS in between") {
    fixture.monitor.NoteTls(kHere);
    fixture.Clear(5, 5);
    CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kOffered);
    CHECK(fixture.monitor.GetStatus().at(0).witnesses == 1);
  }
}

TEST_CASE("where TLS was never seen nobody says that it broke", "[clients]") {
  TlsFixture fixture;
  for (std::uint32_t i = 1; i <= 9; ++i) fixture.Clear(i, i);
  CHECK(fixture.monitor.OfferAt(kHere) == TlsOffer::kUnknown);
  CHECK(fixture.monitor.GetStatus().empty());
}

TEST_CASE("what TLS is offered survives a restart", "[clients]") {
  TlsFixture fixture;
  fixture.monitor.NoteTls(kHere);
  fixture.monitor.NoteTls("broken");
  for (std::uint32_t i = 1; i <= 5; ++i) {
    fixture.monitor.NoteClear("broken", {i, i}, TlsFixture::Used(5));
  }
  const std::string saved = fixture.monitor.Encode();
  fixture.clock.Advance(Seconds(3599));
  fixture.monitor.NoteTls(kHere);
  CHECK(fixture.monitor.Encode() == saved);  // written once an hour
  TlsMonitor again(fixture.clock, fixture.log);
  again.Restore(saved);
  CHECK(again.OfferAt(kHere) == TlsOffer::kOffered);
  CHECK(again.OfferAt("broken") == TlsOffer::kBroken);
  for (std::size_t size = 0; size < saved.size(); ++size) {
    TlsMonitor part(fixture.clock, fixture.log);
    part.Restore(std::string_view(saved).substr(0, size));
    CHECK(part.GetStatus().size() <= 2);
  }
  again.Restore("\x02nonsense");
  CHECK(again.GetStatus().size() == 2);
}

TEST_CASE("listeners are bounded, and so are their names", "[clients]") {
  TlsFixture fixture;
  for (int i = 0; i < 100; ++i) fixture.monitor.NoteTls("port " + std::to_string(i));
  CHECK(fixture.monitor.GetStatus().size() == TlsMonitor::kMostListeners);
  // Of those that are gone, one gives way to a new one.
  fixture.clock.Advance(TlsMonitor::kProofLasts - Seconds(1));
  fixture.monitor.NoteTls("new");
  CHECK(fixture.monitor.OfferAt("new") == TlsOffer::kUnknown);
  fixture.monitor.NoteTls("port 0");
  fixture.clock.Advance(Seconds(1));
  fixture.monitor.NoteTls("new");
  CHECK(fixture.monitor.OfferAt("new") == TlsOffer::kOffered);
  CHECK(fixture.monitor.OfferAt("port 0") == TlsOffer::kOffered);
  CHECK(fixture.monitor.GetStatus().size() == TlsMonitor::kMostListeners);
  SessionFacts session;
  CHECK(ListenerOf(session).empty());
  session.daemon_port = "25";
  session.mta_name = "mx.example.org";
  CHECK(ListenerOf(session) == kHere);
  session.daemon_name = "smtp";
  session.daemon_address = "2001:db8::1";
  CHECK(ListenerOf(session) == "smtp 2001:db8::1 port 25 of mx.example.org");
  session.daemon_name.assign(1000, 'x');
  CHECK(ListenerOf(session).size() == TlsMonitor::kMostName);
}

}  // namespace
}  // namespace mxward
