// SPDX-License-Identifier: Apache-2.0
#include "interference/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include "base/ip_address.h"

namespace mxward::interference {
namespace {

SessionFacts Client(const std::string& address, NameClass name_class, const std::string& name) {
  SessionFacts facts;
  facts.client = *IpAddress::Parse(address);
  facts.name_class = name_class;
  if (name_class == NameClass::kGood) facts.client_name = name;
  facts.claimed_name = name;
  facts.helo = name.empty() ? "client.example" : name;
  facts.daemon_port = "25";
  facts.mta_name = "mx.here.example";
  return facts;
}

constexpr const char* kRecipients[] = {"anna", "bert", "carla", "dora", "emil"};

std::string Recipient(std::size_t index) {
  return std::string(kRecipients[index % std::size(kRecipients)]) + "@here.example";
}

// Letters only: digits of a sender are folded in the key.
std::string Word(std::size_t number) {
  std::string word;
  do {
    word += static_cast<char>('a' + number % 26);
    number /= 26;
  } while (number > 0);
  return word;
}

// Makes the events of one trace.
class Generator {
 public:
  Generator(std::uint64_t seed, const Site& site, std::optional<Attack> only)
      : dice_(seed), site_(site), only_(only) {}

  std::vector<Event> Make(std::size_t events) {
    while (events_.size() < events) {
      EmitDueRetries();
      if (in_one_go_ && !plan_.empty()) {
        AdversaryMoves();
      } else if (dice_.Chance(45)) {
        OthersMail();
      } else {
        AdversaryMoves();
      }
    }
    if (store_is_slow_) SetStoreDelay(Millis(0));
    Tail();
    return std::move(events_);
  }

 private:
  struct Retry {
    Millis due;
    Event event;
  };

  void Emit(Event event, Millis gap = Millis(20)) {
    // What was there before may wait as long as it likes.
    const Millis busy = events_.empty() ? Millis(0) : events_.back().longest(store_is_slow_);
    now_ += busy + gap;
    event.at = now_;
    if (event.sets_store_delay) store_is_slow_ = event.store_delay > Millis(0);
    events_.push_back(std::move(event));
  }

  Millis SomeTime() {
    if (dice_.Chance(80)) return Millis(20 + dice_.Below(2000));
    return dice_.Chance(80) ? Millis(10'000 + dice_.Below(60'000)) : Millis(200'000);
  }

  void EmitDueRetries() {
    for (;;) {
      const auto due = std::find_if(retries_.begin(), retries_.end(),
                                    [this](const Retry& retry) { return retry.due <= now_; });
      if (due == retries_.end()) return;
      Event event = std::move(due->event);
      retries_.erase(due);
      Emit(std::move(event));
    }
  }

  void RetryLater(Event event) {
    const Millis wait = std::chrono::minutes(5) + Millis(dice_.Below(120'000));
    retries_.push_back({now_ + wait, std::move(event)});
  }

  // ---- everybody else -------------------------------------------------------------------------

  Event Session(Who who, std::string actor, SessionFacts facts, std::string sender,
                std::string recipient) {
    Event event;
    event.who = who;
    event.actor = std::move(actor);
    event.session = std::move(facts);
    event.mails.push_back({std::move(sender), {std::move(recipient)}});
    return event;
  }

  void OthersMail() {
    const Millis gap = SomeTime();
    if (guessed_envelope_ && dice_.Chance(50)) return PoolMail(gap);
    switch (dice_.Below(10)) {
      case 0:
      case 1:
      case 2:
        return GoodMail(gap);
      case 3:
        return PoolMail(gap);
      case 4:
        return NewcomerMail(gap);
      default:
        Emit(Bot(), gap);
    }
  }

  void GoodMail(Millis gap) {
    const std::size_t index = dice_.Below(kGoodServers);
    SessionFacts facts = GoodServer(index);
    std::string sender = "joe@good" + Word(index) + ".example";
    if (dice_.Chance(40)) sender = Word(dice_.Below(600)) + "@good" + Word(index) + ".example";
    if (dice_.Chance(10)) sender.clear();
    Event event = Session(Who::kStanding, "good " + Word(index), std::move(facts),
                          std::move(sender), Recipient(dice_.Below(5)));
    if (dice_.Chance(60)) RetryLater(event);
    Emit(std::move(event), gap);
  }

  // First from one server, then from the others, as big senders retry.
  void PoolMail(Millis gap) {
    std::string sender = Word(dice_.Below(40)) + "@pool.example";
    std::string recipient = Recipient(dice_.Below(5));
    if (const auto guessed = std::exchange(guessed_envelope_, std::nullopt)) {
      std::tie(sender, recipient) = *guessed;
    }
    const std::size_t first = dice_.Below(kPoolServers);
    pool_envelopes_.emplace_back(sender, recipient);
    for (std::size_t i = 1; i < 3; ++i) {
      const std::size_t next = (first + i) % kPoolServers;
      RetryLater(
          Session(Who::kStanding, "pool " + Word(next), PoolServer(next), sender, recipient));
    }
    Emit(Session(Who::kStanding, "pool " + Word(first), PoolServer(first), sender, recipient), gap);
  }

  void NewcomerMail(Millis gap) {
    const std::size_t number = dice_.Below(200);
    const std::string address =
        fmt::format("{}.77.{}.{}", 60 + number % 7, number, 1 + number % 250);
    const std::string domain = "new" + Word(number) + ".example";
    const bool named = dice_.Chance(50);
    Event event = Session(
        Who::kNewcomer, "newcomer " + Word(number),
        Client(address, named ? NameClass::kGood : NameClass::kNone, named ? "mail." + domain : ""),
        "info@" + domain, Recipient(dice_.Below(5)));
    event.session.tls = number % 4 != 0;
    if (!named && number % 3 == 0) event.session.helo = "mail." + domain;
    RetryLater(event);
    Emit(std::move(event), gap);
  }

  Event Bot() {
    const std::size_t number = dice_.Below(2000);
    const std::string sender = Word(number) + "@bots.example";
    const std::string host = fmt::format("{}.{}.{}", 90 + number % 13, number % 200, number % 250);
    switch (dice_.Below(4)) {
      case 0:  // 200.0.0.0/8 is listed
        return Session(Who::kBot, "listed bot",
                       Client(fmt::format("200.{}.{}.9", number % 200, number % 250),
                              NameClass::kGood, "mail.listed" + Word(number) + ".example"),
                       sender, Recipient(number));
      case 1:
        return Session(Who::kBot, "nameless bot", Client(host + ".7", NameClass::kNone, ""), sender,
                       Recipient(number));
      case 2:
        return Session(Who::kBot, "dynamic bot",
                       Client(host + ".8", NameClass::kGood,
                              fmt::format("host-{}-{}-{}-8.dyn.isp.example", 90 + number % 13,
                                          number % 200, number % 250)),
                       sender, Recipient(number));
      default:
        return Session(Who::kBot, "forged bot",
                       Client(host + ".6", NameClass::kForged, "mail.good" + Word(0) + ".example"),
                       sender, Recipient(number));
    }
  }

  void Tail() {
    std::sort(retries_.begin(), retries_.end(),
              [](const Retry& a, const Retry& b) { return a.due < b.due; });
    for (std::size_t i = 0; i < 16; ++i) Emit(Bot());
    for (Retry& retry : std::exchange(retries_, {})) {
      const Millis gap = std::max(Millis(20), retry.due - now_);
      Emit(std::move(retry.event), gap);
    }
    for (std::size_t i = 0; i < 8; ++i) Emit(Bot());
  }

  // ---- the adversary --------------------------------------------------------------------------

  // An address of its own: a /64 of its /32, or one of its /24s; 185.1.0.0/16 is listed.
  std::string OwnAddress(bool v6, std::size_t number, bool listed = false) {
    if (v6) return fmt::format("2001:db8:{:x}:{:x}::1", 0xbad0U + number / 65536, number % 65536);
    return fmt::format("185.{}.{}.{}", listed ? 1 : 2, number / 250 % 4, 1 + number % 250);
  }

  Event Move(const std::string& what, SessionFacts facts) {
    Event event;
    event.who = Who::kAdversary;
    event.actor = "adversary: " + what;
    event.session = std::move(facts);
    return event;
  }

  void AdversaryMoves() {
    if (plan_.empty()) {
      Plan();
      in_one_go_ = dice_.Chance(60);
    }
    auto [event, gap] = std::move(plan_.front());
    plan_.pop_front();
    Emit(std::move(event), gap);
  }

  void Schedule(Event event, Millis gap = Millis(20)) { plan_.emplace_back(std::move(event), gap); }

  void Plan() {
    switch (only_.value_or(static_cast<Attack>(dice_.Below(kAttacks)))) {
      case Attack::kNamelessSweep:
        return PlanNamelessSweep();
      case Attack::kBadDomains:
        return PlanBadDomains();
      case Attack::kFlood:
        return PlanFlood();
      case Attack::kListedHosts:
        return PlanListedHosts();
      case Attack::kAnothersEnvelope:
        return PlanNeighbours();
      case Attack::kNames:
        return PlanNames();
      case Attack::kSlowStore:
        return PlanSlowStore();
      case Attack::kHarvest:
        return PlanHarvest();
      case Attack::kTls:
        return PlanTls();
      case Attack::kHelo:
        return PlanHelo();
      case Attack::kNoise:
        return PlanNoise();
    }
  }

  // Many clients without a name, CONNECT alone.
  void PlanNamelessSweep() {
    const std::size_t many = 40 + dice_.Below(60);
    const bool v6 = dice_.Chance(70);
    const std::size_t base = dice_.Below(1000);
    const NameClass name_class = dice_.Chance(80) ? NameClass::kNone : NameClass::kTempfail;
    for (std::size_t i = 0; i < many; ++i) {
      Schedule(Move("nameless sweep", Client(OwnAddress(v6, base + i), name_class, "")));
    }
  }

  // MAIL without RCPT, the domain's name servers are the adversary's.
  void PlanBadDomains() {
    static constexpr const char* kZones[] = {kServfailZone, kSilentZone, kSlowZone, kLyingZone,
                                             kMissingZone};
    const char* zone = kZones[dice_.Below(std::size(kZones))];
    Event event =
        Move("bad domains", Client(OwnAddress(true, dice_.Below(50)), NameClass::kNone, ""));
    const std::size_t many = 5 + dice_.Below(30);
    const std::size_t base = dice_.Below(10'000);
    for (std::size_t i = 0; i < many; ++i) {
      event.mails.push_back({fmt::format("x@{}.{}", Word(base + i), zone), {}});
    }
    Schedule(std::move(event));
    // Soon enough to matter, late enough for answers in silence to be given up.
    if (dice_.Chance(50)) {
      Event again = Move("bad domains", Client(OwnAddress(true, 7), NameClass::kNone, ""));
      again.mails.push_back({"x@again." + std::string(zone), {}});
      Schedule(std::move(again), Millis(2500));
    }
  }

  // More pending tuples of one client than it may have, and later quite others.
  void PlanFlood() {
    const SessionFacts client =
        Client(OwnAddress(dice_.Chance(50), dice_.Below(200)), NameClass::kNone, "");
    const std::size_t base = dice_.Below(100'000);
    for (std::size_t s = 0; s < 4; ++s) {
      Event event = Move("flood", client);
      for (std::size_t i = 0; i < 6; ++i) {
        event.mails.push_back({Word(base + 10 * s + i) + "@flood.example", {Recipient(i)}});
      }
      Schedule(std::move(event));
    }
    for (std::size_t s = 0; s < 2; ++s) {
      Event event = Move("after the flood", client);
      event.mails.push_back({Word(base + 1000 + s) + "@other.example", {Recipient(s)}});
      Schedule(std::move(event), s == 0 ? Millis(270'000) : Millis(1000));
    }
  }

  // Hosts with the names of what has earned an allowance, at listed addresses.
  void PlanListedHosts() {
    const std::size_t many = 8 + dice_.Below(16);
    const std::size_t organisation = dice_.Below(kAllowances + 1);
    for (std::size_t i = 0; i < many; ++i) {
      const std::size_t of = organisation == kAllowances ? i % kAllowances : organisation;
      const std::string name = fmt::format("m{}.evil{}.example", i, Word(of));
      Event event = Move("listed hosts", Client(OwnAddress(false, 17 * i, /*listed=*/true),
                                                NameClass::kGood, name));
      event.mails.push_back({Word(i) + "@evil" + Word(of) + ".example", {Recipient(i)}});
      Schedule(std::move(event));
    }
  }

  // The envelope of somebody else, from as many networks as it has, before he uses it.
  void PlanNeighbours() {
    std::pair<std::string, std::string> envelope = {Word(dice_.Below(40)) + "@pool.example",
                                                    Recipient(dice_.Below(5))};
    if (!pool_envelopes_.empty() && dice_.Chance(40)) envelope = pool_envelopes_.back();
    guessed_envelope_ = envelope;
    const std::size_t many = 90 + dice_.Below(100);
    const std::size_t base = dice_.Below(5000);
    for (std::size_t i = 0; i < many; ++i) {
      Event event =
          Move("another's envelope", Client(OwnAddress(true, base + i), NameClass::kNone, ""));
      event.mails.push_back({envelope.first, {envelope.second}});
      Schedule(std::move(event));
    }
  }

  // Reverse names of its own: good ones, others' (forged), dynamic ones.
  void PlanNames() {
    const std::size_t many = 20 + dice_.Below(40);
    const std::size_t kind = dice_.Below(3);
    for (std::size_t i = 0; i < many; ++i) {
      SessionFacts client;
      const std::string address = OwnAddress(true, 20'000 + i);
      if (kind == 0) {
        client = Client(address, NameClass::kGood, fmt::format("mail.own{}.example", Word(i)));
      } else if (kind == 1) {
        client = Client(address, NameClass::kForged, "mail.good" + Word(i % 8) + ".example");
      } else {
        client = Client(address, NameClass::kGood, fmt::format("pool-{}.dyn.evil.example", i));
      }
      Event event = Move("names", std::move(client));
      if (dice_.Chance(30)) event.mails.push_back({"x@evil.example", {Recipient(i)}});
      Schedule(std::move(event));
    }
  }

  void PlanSlowStore() {
    Event event;
    event.who = Who::kAdversary;
    event.actor = "adversary: a disk as busy as it can make it";
    event.sets_store_delay = true;
    event.store_delay = Millis(300 + dice_.Below(1500));
    Schedule(event);
    PlanFlood();
    event.actor = "the disk is idle again";
    event.store_delay = Millis(0);
    Schedule(std::move(event));
  }

  void SetStoreDelay(Millis delay) {
    Event event;
    event.who = Who::kAdversary;
    event.actor = "the disk is idle again";
    event.sets_store_delay = true;
    event.store_delay = delay;
    Emit(std::move(event));
  }

  // Recipients that do not exist, with the sender domains of others.
  void PlanHarvest() {
    Event event = Move("harvest",
                       Client(OwnAddress(dice_.Chance(50), dice_.Below(99)), NameClass::kNone, ""));
    for (std::size_t i = 0; i < 20; ++i) {
      event.mails.push_back(
          {"joe@good" + Word(i % kGoodServers) + ".example", {Word(i) + "@here.example"}, true});
    }
    Schedule(std::move(event));
  }

  // Many hosts without TLS, with names of their own, as if ours had broken, or one with it; their
  // domains' SPF is what the adversary's name servers say.
  void PlanTls() {
    const std::size_t many = 20 + dice_.Below(40);
    static constexpr const char* kDomains[] = {"evil.example", kSilentZone, kSlowZone,
                                               kSpfLoopZone};
    const char* domain = kDomains[dice_.Below(std::size(kDomains))];
    for (std::size_t i = 0; i < many; ++i) {
      Event event = Move("TLS", Client(OwnAddress(true, 30'000 + i), NameClass::kGood,
                                       fmt::format("mail.own{}.example", Word(i))));
      event.session.tls = dice_.Chance(5);
      event.mails.push_back({fmt::format("x@{}.{}", Word(i), domain), {Recipient(i)}});
      Schedule(std::move(event));
    }
  }

  // A botnet without names that the adversary's domain clears, and others' names in its HELO.
  void PlanHelo() {
    const std::size_t many = 10 + dice_.Below(30);
    const std::size_t base = dice_.Below(1000);
    const bool of_others = dice_.Chance(30);
    for (std::size_t i = 0; i < many; ++i) {
      const std::string host = Word(base + i);
      Event event = Move("HELO", Client(OwnAddress(true, 40'000 + base + i), NameClass::kNone, ""));
      event.session.helo = of_others ? fmt::format("mail.new{}.example", Word(dice_.Below(200)))
                                     : fmt::format("{}.helo.example", host);
      event.session.tls = true;
      event.mails.push_back({"x@" + host + ".example", {Recipient(i)}});
      Schedule(std::move(event));
    }
  }

  // Anything: honest names in HELO, others' senders, retries at once, odd addresses.
  void PlanNoise() {
    for (std::size_t i = 0; i < 4 + dice_.Below(8); ++i) {
      SessionFacts client =
          Client(OwnAddress(dice_.Chance(50), dice_.Below(3000), dice_.Chance(30)),
                 dice_.Chance(50) ? NameClass::kNone : NameClass::kGood, "mail.evil.example");
      static constexpr const char* kHelos[] = {"mx.here.example", "[127.0.0.1]",
                                               "mail.gooda.example", "localhost", "x"};
      client.helo = kHelos[dice_.Below(std::size(kHelos))];
      client.tls = dice_.Chance(30);
      Event event = Move("noise", std::move(client));
      static constexpr const char* kSenders[] = {"",
                                                 "joe@gooda.example",
                                                 "a@pool.example",
                                                 "double-bounce@evil.example",
                                                 "x@[192.0.2.1]",
                                                 "x@lying.evil.example"};
      for (std::size_t mail = 0; mail < 1 + dice_.Below(3); ++mail) {
        event.mails.push_back({kSenders[dice_.Below(std::size(kSenders))],
                               dice_.Chance(70) ? std::vector<std::string>{Recipient(mail)}
                                                : std::vector<std::string>{}});
      }
      Schedule(event);
      if (dice_.Chance(30)) Schedule(std::move(event), Millis(30'000));
    }
  }

  Dice dice_;
  const Site site_;
  const std::optional<Attack> only_;
  Millis now_{0};
  bool store_is_slow_ = false;
  bool in_one_go_ = false;  // nobody else comes in between the events of the plan
  std::vector<Event> events_;
  std::vector<Retry> retries_;
  std::deque<std::pair<Event, Millis>> plan_;  // of the adversary
  std::vector<std::pair<std::string, std::string>> pool_envelopes_;
  // What the adversary expects the pool to send next, and is right about.
  std::optional<std::pair<std::string, std::string>> guessed_envelope_;
};

}  // namespace

std::size_t Event::recipients() const {
  std::size_t all = 0;
  for (const Mail& mail : mails) all += mail.refused ? 0 : mail.recipients.size();
  return all;
}

Millis Event::longest(bool slow_store) const {
  if (recipients() == 0) return Millis(0);
  // dns.deadline in all, store.deadline each.
  return Millis(2100) + static_cast<int>(recipients()) * Millis(slow_store ? 1100 : 10);
}

std::string Event::ToString() const {
  std::string text = fmt::format("{:>9.2f} s  {}", static_cast<double>(at.count()) / 1000, actor);
  if (sets_store_delay) return text + fmt::format(", {} ms a commit", store_delay.count());
  text += fmt::format("  [{}]", session.client->ToString());
  if (session.name_class == NameClass::kGood) text += " " + session.client_name;
  if (session.name_class == NameClass::kForged) text += " forged " + session.claimed_name;
  if (session.name_class == NameClass::kTempfail) text += " tempfail";
  for (const Mail& mail : mails) {
    text += " <" + mail.sender + ">";
    for (const std::string& recipient : mail.recipients) text += " to " + recipient;
    if (mail.refused) text += " (unknown)";
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> Site::options() const {
  return {{"greylist.apply", greylists_all ? "\"all\"" : "\"suspicious\""},
          // So that a flood of a trace's size is one.
          {"greylist.max_pending", "20"},
          {"greylist.auto_allow_after", allows ? "3" : "0"}};
}

std::string Site::list() const {
  return fmt::format(
      "{{ name = \"bl\", zone = \"bl.lists.example\", codes = {{ \"127.0.0.2\" = {} }}, "
      "listed_v4 = \"127.0.0.2\", unlisted_v4 = \"127.0.0.1\" }}",
      list_rejects ? 12 : 6);
}

SessionFacts GoodServer(std::size_t index) {
  SessionFacts facts = Client(fmt::format("{}.10.{}.10", 20 + index, index), NameClass::kGood,
                              "mail.good" + Word(index) + ".example");
  facts.tls = index != 0;
  return facts;
}

SessionFacts PoolServer(std::size_t index) {
  SessionFacts facts = Client(fmt::format("40.{}.1.10", 10 + index), NameClass::kGood,
                              fmt::format("out{}.pool.example", Word(index)));
  facts.tls = true;
  return facts;
}

SessionFacts EarningHost(std::size_t index) {
  SessionFacts facts = Client(fmt::format("185.2.9.{}", 10 + index), NameClass::kGood,
                              "m.evil" + Word(index) + ".example");
  facts.helo = facts.client->ToString();  // suspicious, so that there is something to earn
  return facts;
}

bool IsVerified(const Event& event) {
  const std::string& helo = event.session.helo;
  return event.who == Who::kAdversary ? helo.ends_with(".helo.example")
                                      : helo.starts_with("mail.new");
}

bool IsListed(const IpAddress& client) {
  const std::string text = client.ToString();
  return text.starts_with("200.") || text.starts_with("185.1.");
}

std::vector<Event> Generate(std::uint64_t seed, std::size_t events, const Site& site,
                            std::optional<Attack> only) {
  return Generator(seed, site, only).Make(events);
}

}  // namespace mxward::interference
