// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <sstream>

#include "catch.h"
#include "metrics/snapshot.h"

namespace mxward::metrics {
namespace {

dnsbl::ListStatus SomeList(const std::string& name) {
  dnsbl::ListStatus list;
  list.name = name;
  list.condition = dnsbl::Condition::kBroken;
  list.since = WallTime(Seconds(1767571200));
  list.detail = "no answer from secretkey.bl.example.net";
  list.last_test = WallTime(Seconds(1767571260));
  list.latency = Millis(25);
  list.asked = 100;
  list.listed = 40;
  list.refused = 3;
  list.bogus = 2;
  list.failed = 1;
  return list;
}

// Everything that can be set is.
Snapshot Everything(const Counters& counters) {
  Snapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.started = WallTime(Seconds(1767571200));
  snapshot.counters = &counters;
  snapshot.open_sessions = 7;
  snapshot.pool_stalled = true;
  snapshot.reload = ReloadStatus{true, WallTime(Seconds(1767571200))};
  snapshot.log_lines_dropped = 0;
  snapshot.dns.emplace();
  snapshot.dns->servers.resize(3);
  snapshot.dns->servers[1].state = dns::ServerState::kDown;
  snapshot.dns->servers[1].address = "192.0.2.53:53";
  snapshot.writer.emplace();
  snapshot.writer->busy = Millis(1500);
  snapshot.store = store::Environment::Usage{4096, 8192, 16384};
  snapshot.records = Snapshot::Records{5, 6, 7};
  snapshot.greylist.emplace();
  snapshot.limits.emplace();
  snapshot.lists = {SomeList("house list")};
  snapshot.process = ProcessUsage{Millis(1500), 1, 2, 3, 4, 5};
  return snapshot;
}

// The samples of a metric, a line each.
std::string Samples(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ") || line.starts_with(name + "{")) out += line + "\n";
  }
  return out;
}

TEST_CASE("each DNS list has its answers, condition and self-test", "[metrics]") {
  const Counters counters;
  const std::string text = Render(Everything(counters));
  CHECK(Samples(text, "mxward_dnsbl_answers_total") ==
        "mxward_dnsbl_answers_total{list=\"house list\",answer=\"listed\"} 40\n"
        "mxward_dnsbl_answers_total{list=\"house list\",answer=\"not-listed\"} 54\n"
        "mxward_dnsbl_answers_total{list=\"house list\",answer=\"refused\"} 3\n"
        "mxward_dnsbl_answers_total{list=\"house list\",answer=\"bogus\"} 2\n"
        "mxward_dnsbl_answers_total{list=\"house list\",answer=\"none\"} 1\n");
  CHECK(Samples(text, "mxward_dnsbl_condition") ==
        "mxward_dnsbl_condition{list=\"house list\",condition=\"healthy\"} 0\n"
        "mxward_dnsbl_condition{list=\"house list\",condition=\"unproven\"} 0\n"
        "mxward_dnsbl_condition{list=\"house list\",condition=\"broken\"} 1\n"
        "mxward_dnsbl_condition{list=\"house list\",condition=\"refusing\"} 0\n"
        "mxward_dnsbl_condition{list=\"house list\",condition=\"lying\"} 0\n"
        "mxward_dnsbl_condition{list=\"house list\",condition=\"suspect\"} 0\n");
  CHECK(Samples(text, "mxward_dnsbl_self_test_duration_seconds") ==
        "mxward_dnsbl_self_test_duration_seconds{list=\"house list\"} 0.025\n");
  CHECK(Samples(text, "mxward_dnsbl_self_test_timestamp_seconds") ==
        "mxward_dnsbl_self_test_timestamp_seconds{list=\"house list\"} 1767571260\n");
  CHECK(Samples(text, "mxward_dnsbl_condition_since_timestamp_seconds") ==
        "mxward_dnsbl_condition_since_timestamp_seconds{list=\"house list\"} 1767571200\n");
}

TEST_CASE("a list that was never tested has no time of a test", "[metrics]") {
  const Counters counters;
  Snapshot snapshot = Everything(counters);
  snapshot.lists[0].last_test.reset();
  const std::string text = Render(snapshot);
  CHECK(Samples(text, "mxward_dnsbl_self_test_duration_seconds").empty());
  CHECK(Samples(text, "mxward_dnsbl_self_test_timestamp_seconds").empty());
}

TEST_CASE("no key, zone or address is among the metrics", "[metrics]") {
  const Counters counters;
  const std::string text = Render(Everything(counters));
  CHECK_THAT(text, !HasText("secretkey"));
  CHECK_THAT(text, !HasText("example.net"));
  CHECK_THAT(text, !HasText("192.0.2."));
  CHECK(Samples(text, "mxward_dns_servers") ==
        "mxward_dns_servers{state=\"up\"} 2\nmxward_dns_servers{state=\"failing\"} 0\n"
        "mxward_dns_servers{state=\"down\"} 1\n");
}

TEST_CASE("decisions that can happen are shown before they do", "[metrics]") {
  Counters counters;
  counters.Decision(Verdict::kReject, Reason::kScore).Add(3);
  // Not possible by what the policy does today; counted, so shown.
  counters.Decision(Verdict::kReject, Reason::kFailure).Add(1);
  Snapshot snapshot;
  snapshot.counters = &counters;
  CHECK(Samples(Render(snapshot), "mxward_decisions_total") ==
        "mxward_decisions_total{verdict=\"accept\",reason=\"trusted-network\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"trusted-relay\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"trusted-certificate\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"authenticated\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"exempt-recipient\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"rule\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"allowed\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"not-suspicious\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"greylist-off\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"greylist-passed\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"greylist-known\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"greylist-auto-allowed\"} 0\n"
        "mxward_decisions_total{verdict=\"accept\",reason=\"failure\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"rule\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"limit\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"greylist-new\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"greylist-early\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"greylist-expired\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"message-deferred\"} 0\n"
        "mxward_decisions_total{verdict=\"defer\",reason=\"failure\"} 0\n"
        "mxward_decisions_total{verdict=\"reject\",reason=\"rule\"} 0\n"
        "mxward_decisions_total{verdict=\"reject\",reason=\"blocked\"} 0\n"
        "mxward_decisions_total{verdict=\"reject\",reason=\"limit\"} 0\n"
        "mxward_decisions_total{verdict=\"reject\",reason=\"score\"} 3\n"
        "mxward_decisions_total{verdict=\"reject\",reason=\"failure\"} 1\n");
}

TEST_CASE("what nobody can tell is left out", "[metrics]") {
  const Counters counters;
  Snapshot bare;
  bare.version = "1.2.3";
  bare.counters = &counters;
  const std::string text = Render(bare);
  for (const char* name :
       {"mxward_dns_questions_total", "mxward_store_used_bytes", "mxward_store_commits_total",
        "mxward_greylist_tuples", "mxward_sessions_open", "mxward_dnsbl_answers_total",
        "mxward_config_last_reload_successful", "process_open_fds"}) {
    CHECK(Samples(text, name).empty());
    CHECK_FALSE(Samples(Render(Everything(counters)), name).empty());
  }
  CHECK(Samples(text, "mxward_build_info") == "mxward_build_info{version=\"1.2.3\"} 1\n");
}

TEST_CASE("no family comes twice, and each has help, a type and samples", "[metrics]") {
  const Counters counters;
  std::istringstream lines(Render(Everything(counters)));
  std::set<std::string> families;
  std::string family;
  std::size_t samples = 1;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      CHECK(samples > 0);
      samples = 0;
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(family).second);
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.substr(7, family.size() + 1) == family + " ");
    } else {
      CHECK(line.starts_with(family));
      ++samples;
    }
  }
  CHECK(samples > 0);
  CHECK(families.size() > 50);
}

TEST_CASE("fifty lists are written in far less than five milliseconds", "[metrics]") {
  const Counters counters;
  Snapshot snapshot = Everything(counters);
  for (int i = 0; i < 49; ++i) snapshot.lists.push_back(SomeList("list " + std::to_string(i)));
  const RealClock clock;
  auto best = std::chrono::microseconds::max();
  std::size_t size = 0;
  for (int i = 0; i < 20; ++i) {
    const MonoTime begun = clock.Monotonic();
    size = Render(snapshot).size();
    best = std::min(best, clock.Monotonic() - begun);
  }
  CHECK(size > 30000);
  CHECK(size < 100000);
  // Fifty times what it takes; sanitizers need some of that.
  CHECK(best < std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace mxward::metrics
