// SPDX-License-Identifier: Apache-2.0
#include "dns/answer_cache.h"

#include "tests/fake/fake_resolver.h"
#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

Question A(const std::string& name) { return {name, RecordType::kA}; }

Answer CachedAt(Answer answer, MonoTime when) {
  answer.answered = when;
  return answer;
}

TEST_CASE("every kind of answer comes out of the cache as it went in", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(100);
  const auto answer = GENERATE(
      answers::Addresses({"127.0.0.2", "255.0.10.200", "2001:db8::ff:1"}), answers::NoName(),
      answers::NoData(Seconds(77)), answers::Exchanges({{10, "mx.example.org"}, {65535, ""}}),
      answers::Names({"mx.example.org", ""}),
      answers::Texts({"", std::string("\0\xff\"", 3), std::string(10000, 'x')}));
  cache.Put(A("a.example"), CachedAt(answer, clock.Monotonic()));
  const AnswerPtr found = cache.Find(A("a.example"), clock.Monotonic());
  REQUIRE(found);
  CHECK(found->outcome == answer.outcome);
  CHECK(found->addresses == answer.addresses);
  CHECK(found->exchanges == answer.exchanges);
  CHECK(found->texts == answer.texts);
  CHECK(found->names == answer.names);
  CHECK(found->ttl == answer.ttl);
  CHECK(found->answered == clock.Monotonic());
  CHECK_FALSE(cache.Find({"a.example", RecordType::kAaaa}, clock.Monotonic()));
  CHECK_FALSE(cache.Find(A("b.example"), clock.Monotonic()));
}

TEST_CASE("an answer is gone when its time is over", "[dns]") {
  FakeClock clock;
  AnswerCache cache(100);
  cache.Put(A("a.example"), CachedAt(answers::NoName(Seconds(60)), clock.Monotonic()));
  clock.Advance(Millis(59999));
  CHECK(cache.Find(A("a.example"), clock.Monotonic()));
  clock.Advance(Millis(1));
  CHECK_FALSE(cache.Find(A("a.example"), clock.Monotonic()));
  CHECK(cache.entries() == 0);
}

TEST_CASE("a failure is not remembered and does not displace what is known", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(100);
  Answer failed = CachedAt(answers::Failed(), clock.Monotonic());
  failed.ttl = Seconds(60);
  cache.Put(A("a.example"), failed);
  CHECK(cache.entries() == 0);
  cache.Put(A("a.example"), CachedAt(answers::NoName(), clock.Monotonic()));
  cache.Put(A("a.example"), failed);
  REQUIRE(cache.Find(A("a.example"), clock.Monotonic()));
  CHECK(cache.Find(A("a.example"), clock.Monotonic())->outcome == Outcome::kNoName);
}

TEST_CASE("a newer answer takes the place of the older", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(100);
  cache.Put(A("a.example"), CachedAt(answers::NoName(), clock.Monotonic()));
  cache.Put(A("a.example"), CachedAt(answers::Addresses({"127.0.0.2"}), clock.Monotonic()));
  CHECK(cache.entries() == 1);
  CHECK(cache.Find(A("a.example"), clock.Monotonic())->addresses.size() == 1);
}

TEST_CASE("a full cache forgets what was not asked for the longest", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(3000);
  const auto name = [](int i) { return A("n" + std::to_string(i) + ".example"); };
  for (int i = 0; i < 3000; ++i) cache.Put(name(i), CachedAt(answers::NoName(), clock.Monotonic()));
  REQUIRE(cache.Find(name(0), clock.Monotonic()));
  cache.Put(name(3000), CachedAt(answers::NoName(), clock.Monotonic()));
  CHECK(cache.entries() == 3000);
  CHECK(cache.Find(name(0), clock.Monotonic()));
  CHECK_FALSE(cache.Find(name(1), clock.Monotonic()));
  CHECK(cache.Find(name(3000), clock.Monotonic()));

  cache.SetMaxEntries(10);
  CHECK(cache.entries() == 10);
  cache.SetMaxEntries(0);
  CHECK(cache.entries() == 0);
  cache.Put(name(1), CachedAt(answers::NoName(), clock.Monotonic()));
  CHECK(cache.entries() == 0);
}

TEST_CASE("great answers cannot take more memory than as many usual ones", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(1000);
  for (int i = 0; i < 1000; ++i) {
    cache.Put(A(std::to_string(i) + ".example"),
              CachedAt(answers::Texts({std::string(60000, 'x')}), clock.Monotonic()));
  }
  CHECK(cache.bytes() <= 1000 * AnswerCache::kBytesAnswer + 16384);
  CHECK(cache.entries() > 0);
}

TEST_CASE("100,000 usual answers take far less than 200 bytes each", "[dns]") {
  const FakeClock clock;
  AnswerCache cache(100000);
  for (int i = 0; i < 100000; ++i) {
    std::string name = std::to_string(i) + ".51.198.bl.list.example.net";
    name.insert(0, 40 - name.size(), '0');
    cache.Put(A(name), CachedAt(i % 10 == 0 ? answers::Addresses({"127.0.0.2"}) : answers::NoName(),
                                clock.Monotonic()));
  }
  CHECK(cache.entries() == 100000);
  CHECK(cache.bytes() < 12'000'000);
}

}  // namespace
}  // namespace mxward::dns
