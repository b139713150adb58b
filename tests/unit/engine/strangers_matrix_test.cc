// SPDX-License-Identifier: Apache-2.0
// What a DNS server does to some names or to all of them, and what that does to listed bots:
// {behaviours} x {strangers' names only, all names} x {1, 2 servers}, over real sockets.
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.h"
#include "config/loader.h"
#include "dns/ares_resolver.h"
#include "engine/evidence_collector.h"
#include "tests/fake/dns_server.h"
#include "tests/fake/memory_log.h"

namespace mxward {
namespace {

using dns::DnsMessage;
using dns::FakeDnsServer;
namespace manners = dns::manners;

constexpr Millis kDeadline{600};
// How much later something may be on a busy machine.
constexpr Millis kMatrixSlack{1000};
constexpr int kTries = 40;
constexpr int kMailsBetween = 6;

FakeDnsServer::Reply Changed(const FakeDnsServer::Query& query,
                             const std::function<void(DnsMessage&)>& change) {
  DnsMessage reply = query.reply;
  reply.answers.push_back(dns::ARecord(reply.name, 300, dns::kListed));
  change(reply);
  return {{reply.Bytes()}};
}

FakeDnsServer::Reply Nothing(const FakeDnsServer::Query& query) { return {{query.reply.Bytes()}}; }
FakeDnsServer::Reply WrongId(const FakeDnsServer::Query& query) {
  return Changed(query, [](DnsMessage& reply) { reply.id ^= 1U; });
}
FakeDnsServer::Reply WrongName(const FakeDnsServer::Query& query) {
  return Changed(query, [](DnsMessage& reply) { reply.name = "other.example"; });
}
FakeDnsServer::Reply Cut(const FakeDnsServer::Query& query) {
  FakeDnsServer::Reply reply = Changed(query, [](DnsMessage&) {});
  reply.messages[0].resize(reply.messages[0].size() - 2);
  return reply;
}
FakeDnsServer::Reply Loop(const FakeDnsServer::Query& query) {
  return Changed(query, [](DnsMessage& reply) {
    const auto here = static_cast<unsigned>(16 + dns::WireName(reply.name).size());
    reply.answers = {dns::RawRecord(dns::Wire16(0xC000U | here), dns::kTypeA, 300, dns::kListed)};
  });
}

struct Behaviour {
  const char* name;
  FakeDnsServer::Manner manner;
  bool tells = false;  // to all names, it is an answer, right or wrong
};

std::vector<Behaviour> Behaviours() {
  return {{"silence", manners::Silent},
          {"SERVFAIL", manners::Code(2)},
          {"REFUSED", manners::Code(5)},
          {"NOTIMP", manners::Code(4)},
          {"FORMERR", manners::Code(1)},
          {"NXDOMAIN", manners::NoName, true},
          {"no data", Nothing, true},
          {"slow", manners::Slow(kDeadline / 2, manners::Listed), true},
          {"slow SERVFAIL", manners::Slow(kDeadline / 2, manners::Code(2))},
          {"later than the deadline", manners::Slow(kDeadline * 2, manners::Listed), true},
          {"truncated, TCP works", manners::Truncating, true},
          {"truncated, TCP silent", manners::TruncatingSilentTcp},
          {"a wrong id", WrongId},
          {"a wrong name", WrongName},
          {"cut short", Cut},
          {"a compression loop", Loop}};
}

// A site with one list, which lists 198.18.0.0/16, and its resolver.
class Site {
 public:
  Site(const FakeDnsServer::Manner& bad, bool all_names, int servers) {
    std::vector<std::string> addresses;
    for (int i = 0; i < servers; ++i) {
      servers_.push_back(
          std::make_unique<FakeDnsServer>([bad, all_names](const FakeDnsServer::Query& query) {
            const bool strangers = query.reply.name.ends_with(".stranger.example");
            return all_names || strangers ? bad(query) : Good(query);
          }));
      addresses.push_back(servers_.back()->address());
    }
    LoadResult loaded = ParseConfig(
        R"(dnsbl = [{ name = "bl", zone = "bl.example", codes = { "127.0.0.2" = 12 } }])", "test");
    config_ = std::make_shared<const Config>(*std::move(loaded));
    health_.SetLists({config_, &config_->dnsbl});
    resolver_.emplace(clock_, log_,
                      DnsConfig{std::move(addresses), kDeadline, /*cache_entries=*/1000,
                                /*max_outstanding=*/1000},
                      "/nonexistent");
    resolver_->SetLists(config_->dnsbl);
    started_ = static_cast<bool>(resolver_->Start());
  }
  ~Site() { resolver_->Stop(Millis(3000)); }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  static FakeDnsServer::Reply Good(const FakeDnsServer::Query& query) {
    return query.reply.name.ends_with(".18.198.bl.example") ? manners::Listed(query)
                                                            : manners::NoName(query);
  }
  void Mend() {
    for (auto& server : servers_) server->SetManner(Good);
  }

  // Of a /24 and a /48 in turn, without a recipient.
  void StrangersMail() {
    const std::string number = std::to_string(mails_++);
    const auto client =
        IpAddress::Parse(mails_ % 2 == 0 ? "203.0.113." + std::to_string(mails_ / 2 % 256)
                                         : "2001:db8:7:" + std::to_string(mails_ % 9999) + "::1");
    EvidenceCollector collector = New();
    Begin(collector, *client, "x@r" + number + ".stranger.example");
  }

  struct Judged {
    dnsbl::State state = dnsbl::State::kUnknown;
    Millis waited{};
  };
  // A bot that is listed, never seen before.
  Judged Bot() {
    ++bots_;
    EvidenceCollector collector = New();
    Begin(collector,
          *IpAddress::Parse("198.18." + std::to_string(bots_ / 256) + "." +
                            std::to_string(bots_ % 256)),
          "b@good" + std::to_string(bots_) + ".example");
    const MonoTime begun = clock_.Monotonic();
    policy::Evidence evidence = collector.Current();
    while (evidence.Pending()) {
      collector.WaitForMore();
      evidence = collector.Current();
    }
    return {evidence.lists.at(0).meaning.state,
            std::chrono::ceil<Millis>(clock_.Monotonic() - begun)};
  }

  bool started() const { return started_; }
  MonoTime now() const { return clock_.Monotonic(); }
  dns::ServerState state() const { return resolver_->stats().servers.at(0).state; }
  // Nobody is down, the list is asked and counts.
  bool Trusts() const {
    for (const auto& server : resolver_->stats().servers) {
      if (server.state != dns::ServerState::kUp) return false;
    }
    const auto watch = health_.Find(config_->dnsbl.front());
    return watch->MayAsk() && watch->Counts();
  }
  void LeaveNoTrace() { purpose_ = EvidenceCollector::Purpose::kExplain; }

 private:
  EvidenceCollector New() {
    return EvidenceCollector({&*resolver_, health_, clock_, slots_, sender_slots_, trouble_, spf_,
                              permissions_, spf_failures_, waits_, given_up_, purpose_});
  }
  void Begin(EvidenceCollector& collector, const IpAddress& client, const std::string& sender) {
    SessionFacts session;
    session.client = client;
    collector.Connect(session, config_);
    collector.Mail(session, sender, config_);
  }

  RealClock clock_;
  MemoryLog log_;
  std::vector<std::unique_ptr<FakeDnsServer>> servers_;
  std::shared_ptr<const Config> config_;
  dnsbl::Health health_{clock_, log_};
  Shares slots_{kWaitSlots};
  Shares sender_slots_{kSenderSlots};
  Trouble trouble_;
  spf::Evaluations spf_{clock_};
  PermissionBudgets permissions_{clock_};
  SpfFailures spf_failures_;
  Counter waits_, given_up_;
  EvidenceCollector::Purpose purpose_ = EvidenceCollector::Purpose::kJudge;
  std::optional<dns::AresResolver> resolver_;
  bool started_ = false;
  int mails_ = 0;
  int bots_ = 0;
};

struct Cell {
  Behaviour behaviour;
  int servers;
  // What became of it.
  int rejected = 0;
  int wrong = 0;  // told something that is not so
  bool trusts = false;
  Millis longest{};
  std::vector<Millis> waits{};
  dns::ServerState state = dns::ServerState::kUp;
  Millis back{};  // from when the servers were good again
};

std::vector<Cell> Cells() {
  std::vector<Cell> cells;
  for (const Behaviour& behaviour : Behaviours()) {
    for (const int servers : {1, 2}) cells.push_back({behaviour, servers});
  }
  return cells;
}

// So many at a time: most of what they do is to wait.
void RunAll(std::vector<Cell>& cells, std::size_t at_once, void (*run)(Cell&)) {
#ifdef __SANITIZE_THREAD__
  // libevent has one place for signals in the whole program, which its loops take and give back
  // without a lock. The loops of mxward live as long as it does.
  at_once = 1;
#endif
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < at_once; ++thread) {
    threads.emplace_back([&cells, thread, at_once, run] {
      for (std::size_t i = thread; i < cells.size(); i += at_once) run(cells[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void RunBesideStrangers(Cell& cell) {
  Site site(cell.behaviour.manner, /*all_names=*/false, cell.servers);
  if (!site.started()) return;
  for (int i = 0; i < kTries; ++i) {
    for (int k = 0; k < kMailsBetween; ++k) site.StrangersMail();
    const Site::Judged bot = site.Bot();
    if (bot.state == dnsbl::State::kListed) ++cell.rejected;
    cell.longest = std::max(cell.longest, bot.waited);
  }
  cell.trusts = site.Trusts();
}

void RunInTrouble(Cell& cell) {
  Site site(cell.behaviour.manner, /*all_names=*/true, cell.servers);
  if (!site.started()) return;
  site.LeaveNoTrace();
  const MonoTime begun = site.now();
  while (site.now() - begun < Millis(2600) + 2 * kDeadline) {
    const Site::Judged bot = site.Bot();
    if (bot.state != dnsbl::State::kUnknown && !cell.behaviour.tells) ++cell.wrong;
    cell.longest = std::max(cell.longest, bot.waited);
    cell.waits.push_back(bot.waited);
    std::this_thread::sleep_for(Millis(20));  // of real time: they come over real sockets
  }
  // A machine that is busy elsewhere sends its probes late.
  const std::string_view name = cell.behaviour.name;
  const bool is_noticed =
      name == "silence" || name == "a wrong id" || name == "SERVFAIL" || name == "REFUSED";
  while (is_noticed && site.state() == dns::ServerState::kUp && site.now() - begun < Seconds(30)) {
    std::this_thread::sleep_for(Millis(20));
  }
  cell.state = site.state();
  site.Mend();
  const MonoTime mended = site.now();
  while (site.Bot().state != dnsbl::State::kListed && site.now() - mended < Seconds(10)) {
  }
  cell.back = std::chrono::ceil<Millis>(site.now() - mended);
}

TEST_CASE("whatever befalls strangers' names, listed bots are rejected", "[engine]") {
  std::vector<Cell> cells = Cells();
  RunAll(cells, 8, &RunBesideStrangers);
  for (const Cell& cell : cells) {
    INFO(cell.behaviour.name << ", " << cell.servers << " servers");
    CHECK(cell.rejected == kTries);
    CHECK(cell.trusts);
    CHECK(cell.longest <= kDeadline + kMatrixSlack);
  }
}

TEST_CASE("whatever befalls all names, nobody waits long or is told wrong, and it ends by itself",
          "[engine]") {
  std::vector<Cell> cells = Cells();
  RunAll(cells, cells.size(), &RunInTrouble);
  for (const Cell& cell : cells) {
    INFO(cell.behaviour.name << ", " << cell.servers << " servers");
    CHECK(cell.wrong == 0);
    CHECK(cell.longest <= kDeadline + kMatrixSlack);
    CHECK(cell.back <= Millis(4000));
    const std::string_view name = cell.behaviour.name;
    if (name == "silence" || name == "a wrong id") CHECK(cell.state == dns::ServerState::kDown);
    if (name == "SERVFAIL" || name == "REFUSED") CHECK(cell.state == dns::ServerState::kFailing);
    if (cell.state != dns::ServerState::kUp) {
      REQUIRE(cell.waits.size() >= 3);
      CHECK(*std::min_element(cell.waits.end() - 3, cell.waits.end()) < kDeadline);
    }
  }
}

}  // namespace
}  // namespace mxward
