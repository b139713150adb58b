// SPDX-License-Identifier: Apache-2.0
#include "interference/play.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/canonical_address.h"
#include "greylist/sender.h"
#include "scenario/world.h"

namespace mxward::interference {
namespace {

using scenario::World;

constexpr Seconds kPastStep{3600};

// Time passes, and with it what mxward does by itself: in steps of this length.
void AdvanceTo(World& world, MonoTime when, Seconds step = Seconds(5)) {
  while (world.clock().Monotonic() < when) {
    const auto left = std::chrono::ceil<Millis>(when - world.clock().Monotonic());
    world.Advance(std::min<Millis>(left, step));
    world.engine().StartListTests();
  }
}

void SetUpDns(World& world, const std::vector<Event>& trace) {
  dns::FakeResolver& dns = world.resolver();
  dns.SetZone(kServfailZone, dns::answers::Failed());
  dns.SetZoneSilent(kSilentZone);
  dns.SetZone(kSlowZone, dns::answers::Addresses({"198.51.100.25"}), Millis(1900));
  dns.SetZone(kLyingZone, dns::answers::Addresses({"127.0.0.2", "127.255.255.254"}));
  dns.SetZone(kMissingZone, dns::answers::NoName());
  dns.SetZone(kSpfLoopZone, dns::answers::Texts({"v=spf1 include:%{d} a mx ptr -all"}));
  const auto lets_send = [&dns](const SessionFacts& host, const std::string& networks) {
    const std::string domain = host.client_name.substr(host.client_name.find('.') + 1);
    dns.Set(domain, dns::RecordType::kTxt, dns::answers::Texts({"v=spf1 " + networks + " -all"}));
  };
  lets_send(PoolServer(0), "ip4:40.10.0.0/16 ip4:40.11.0.0/16 ip4:40.12.0.0/16 a mx");
  for (std::size_t i = 0; i < kAllowances; ++i) {
    lets_send(EarningHost(i), "ip4:185.1.0.0/16 ip4:185.2.0.0/16 ip6:2001:db8::/32");
  }
  const auto listed = [&](const IpAddress& client) {
    const std::string text = client.ToString();
    std::string name = "bl.lists.example";
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t dot = std::min(text.find('.', begin), text.size());
      name.insert(0, text.substr(begin, dot - begin) + ".");
      begin = dot + 1;
    }
    dns.Set(name, dns::RecordType::kA, dns::answers::Addresses({"127.0.0.2"}));
  };
  listed(*IpAddress::Parse("127.0.0.2"));
  for (const Event& event : trace) {
    if (event.session.client && event.session.client->is_v4() && IsListed(*event.session.client)) {
      listed(*event.session.client);
    }
    if (event.session.client && IsVerified(event)) {
      const bool v4 = event.session.client->is_v4();
      dns.Set(event.session.helo, v4 ? dns::RecordType::kA : dns::RecordType::kAaaa,
              dns::answers::Addresses({event.session.client->ToString()}));
    }
  }
}

void SetUp(World& world, const Site& site, const std::vector<Event>& trace) {
  for (const auto& [key, value] : site.options()) world.Configure(key, value);
  world.AddList(site.list());
  SetUpDns(world, trace);
}

// Invariant 13: nothing passes for having waited that has not waited. By sender and recipient
// alone, as greylisting folds them.
class Waiting {
 public:
  void Deferred(const Heard& heard, WallTime now) { first_.try_emplace(KeyOf(heard), now); }
  bool MayPass(const Heard& heard, WallTime now) const {
    const auto found = first_.find(KeyOf(heard));
    return found != first_.end() && now - found->second >= Seconds(240);
  }

 private:
  static std::pair<std::string, std::string> KeyOf(const Heard& heard) {
    return {NormaliseSender(heard.sender, heard.recipient), CanonicalAddressText(heard.recipient)};
  }
  std::map<std::pair<std::string, std::string>, WallTime> first_;
};

Answers PlaySession(World& world, const Event& event) {
  Answers answers;
  Session& session = world.NewSession("main");
  session.Connect(event.session);
  session.Helo(event.session.helo);
  for (const Mail& mail : event.mails) {
    MessageFacts message;
    message.sender = mail.sender;
    session.Mail(std::move(message));
    const std::size_t begin = answers.size();
    for (const std::string& recipient : mail.recipients) {
      if (mail.refused) {
        session.RefusedRecipient(recipient, "5.1.1");
        continue;
      }
      Decision decision;
      const Answer answer = session.Recipient(recipient, "", &decision);
      Heard heard{mail.sender, recipient, answer.verdict, decision.reason, ""};
      for (const Finding& finding : decision.findings) {
        heard.findings += fmt::format(" {}:{}", finding.Name(), finding.score);
      }
      answers.push_back(std::move(heard));
    }
    const bool any =
        std::any_of(answers.begin() + static_cast<std::ptrdiff_t>(begin), answers.end(),
                    [](const Heard& one) { return one.verdict == Verdict::kAccept; });
    if (!any) continue;
    const Answer last = session.TakeMessage();
    for (std::size_t i = begin; i < answers.size(); ++i) {
      answers[i].verdict = std::max(answers[i].verdict, last.verdict);
    }
  }
  world.EndSession("main");
  return answers;
}

}  // namespace

Past::Past(const std::string& directory) {
  for (std::size_t kind = 0; kind < Site::kKinds; ++kind) {
    const Site site = Site::Kind(kind);
    World world({.data_file = "", .no_sync = true});
    SetUp(world, site, {});
    const MonoTime began = world.clock().Monotonic();
    MonoTime now = began;
    const auto mail = [&](const SessionFacts& from, const std::string& sender) {
      Event event;
      event.session = from;
      event.mails.push_back({sender, {"anna@here.example"}});
      PlaySession(world, event);
      AdvanceTo(world, now += std::chrono::minutes(6), kPastStep);
      PlaySession(world, event);
    };
    for (int day = 0; day < 18; day += 2) {
      now = began + std::chrono::hours(24 * day);
      AdvanceTo(world, now, kPastStep);
      for (std::size_t i = 0; i < kGoodServers; ++i) {
        const SessionFacts from = GoodServer(i);
        mail(from, "joe@" + from.client_name.substr(5));
      }
      for (std::size_t i = 0; i < kPoolServers; ++i) mail(PoolServer(i), "news@pool.example");
    }
    now = began + std::chrono::hours(24 * 18);
    for (std::size_t tuple = 0; tuple < 3; ++tuple) {
      for (std::size_t i = 0; i < kAllowances; ++i) {
        AdvanceTo(world, now += std::chrono::minutes(30), kPastStep);
        static constexpr const char* kSenders[] = {"one", "two", "three"};
        // Its organisation earns as well: by the name, SPF and a second host.
        SessionFacts host = EarningHost(i);
        mail(host, std::string(kSenders[tuple]) + "@" + host.client_name.substr(2));
        if (tuple != 1) continue;
        host.client = *IpAddress::Parse("185.2.8." + std::to_string(10 + i));
        mail(host, "other@" + host.client_name.substr(2));
      }
    }
    length_ = std::chrono::ceil<Millis>(now - began) + Millis(3'600'000);
    AdvanceTo(world, began + length_, kPastStep);
    data_files_.push_back(directory + "/past" + std::to_string(kind) + ".mdb");
    world.SaveDatabase(data_files_.back());
  }
}

Played Play(const std::vector<Event>& trace, const std::vector<bool>& left_out, const Site& site,
            const Past& past) {
  World world({.data_file = past.data_file(site), .no_sync = true});
  // Before the engine exists: it starts today.
  world.clock().Advance(past.length());
  SetUp(world, site, trace);
  world.engine().StartListTests();
  AdvanceTo(world, world.clock().Monotonic() + Seconds(10));
  const MonoTime began = world.clock().Monotonic();

  Played played;
  Waiting waiting;
  played.answers.resize(trace.size());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const Event& event = trace[i];
    if (!left_out.empty() && left_out[i]) continue;
    if (world.clock().Monotonic() > began + event.at) {
      throw std::logic_error("the event before took longer than the trace allows: " +
                             event.ToString());
    }
    AdvanceTo(world, began + event.at);
    if (event.sets_store_delay) {
      world.writer().SetDelay(event.store_delay);
      continue;
    }
    const WallTime now = world.clock().Now();
    played.answers[i] = PlaySession(world, event);
    for (const Heard& heard : played.answers[i]) {
      if (heard.reason == Reason::kGreylistPassed && !waiting.MayPass(heard, now)) {
        played.violations.push_back("passed without having waited: " + event.ToString());
      }
      if (heard.verdict == Verdict::kDefer) waiting.Deferred(heard, now);
    }
  }
  for (const MemoryLog::Line& line : world.log().lines()) {
    if (line.text.find("action=") == std::string::npos) played.log.push_back(line.text);
  }
  return played;
}

}  // namespace mxward::interference
