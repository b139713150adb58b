// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "dnsbl/list_health.h"
#include "tests/fake/times.h"
#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {

inline Meaning Says(State state, const std::string& detail = "") {
  return {state, state == State::kListed ? 6 : 0, {}, detail.empty() ? "127.0.0.2" : detail};
}

inline Meaning NotListed() { return Says(State::kNotListed, "not listed"); }
inline Meaning Silence() { return Says(State::kUnknown, "no answer in 2s"); }

inline TestResult Result(const Meaning& unlisted, const Meaning& listed) {
  return {unlisted, listed, Millis(20), false, std::nullopt};
}
inline TestResult Clean() { return Result(NotListed(), Says(State::kListed)); }
inline TestResult Silent() { return Result(Silence(), Silence()); }
// Of a list without points: of its zone, and of the name that it must not list.
inline TestResult NoPoints() {
  return {NotListed(), std::nullopt, Millis(20), false, Says(State::kNotListed, "it exists")};
}

inline DnsblConfig WithoutPoints(DnsblConfig list) {
  list.listed_v4 = list.unlisted_v4 = list.listed_v6 = list.unlisted_v6 = "";
  list.listed_name = list.unlisted_name = "";
  return list;
}

// One list, and what is noted of it as time passes.
class Watched {
 public:
  explicit Watched(const DnsblConfig& list = ClientList()) : health(list, now) {}

  void Pass(Seconds time) {
    now.monotonic += time;
    now.wall += time;
  }
  void Answer(const Meaning& meaning, int times = 1) {
    for (int i = 0; i < times; ++i) Keep(health.NoteAnswer(meaning, now));
  }
  void Answer(State state) { Answer(Says(state)); }
  void Test(const TestResult& result) { Keep(health.NoteTest(result, now)); }
  // Each of an organisation and a network of its own.
  void Clients(int count, bool listed, bool witness) {
    for (int i = 0; i < count; ++i) {
      ++client_;
      Keep(health.NoteClient({client_, client_}, witness, listed, now));
    }
  }
  Condition condition() const { return health.status().condition; }
  // Until a test is due, as the engine looks: each second. At most a day.
  Seconds UntilTest() {
    for (Seconds waited{0}; waited < Seconds(86400); waited += Seconds(1)) {
      if (health.TestDue(now.monotonic)) return waited;
      Pass(Seconds(1));
    }
    return Seconds(86400);
  }

  Moment now{MonoTime(Seconds(100000)), WallTime(Seconds(1767571200))};
  ListHealth health;
  Notices notices;

 private:
  void Keep(Notices more) {
    for (Notice& notice : more) notices.push_back(std::move(notice));
  }
  std::uint32_t client_ = 0;
};

// One that has passed its first test.
class Healthy : public Watched {
 public:
  explicit Healthy(const DnsblConfig& list = ClientList()) : Watched(list) {
    Test(Clean());
    REQUIRE(condition() == Condition::kHealthy);
    REQUIRE(notices.empty());
  }
};

}  // namespace mxward::dnsbl
