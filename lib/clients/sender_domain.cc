// SPDX-License-Identifier: Apache-2.0
#include "clients/sender_domain.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/canonical_address.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "clients/host_name.h"

namespace mxward {
namespace {

using dns::Outcome;
using dns::RecordType;
using State = SenderDomainState;

// One question's answer, once it is there.
struct Heard {
  dns::AnswerPtr answer;
  bool from_cache = false;

  bool Is(Outcome outcome) const { return answer && answer->outcome == outcome; }
};

bool IsPublic(const IpAddress& address) {
  if (address.IsPrivate()) return false;
  const std::uint8_t first = address.bytes()[0];
  // 0/8: "this network"; from 224 on: multicast, reserved, broadcast.
  if (address.is_v4()) return first != 0 && first < 224;
  return address != IpAddress::V6({}) && first != 0xff;
}

// What A and AAAA say of one name.
struct Addresses {
  Heard a;
  Heard aaaa;

  enum class Kind : std::uint8_t { kWaiting, kPublic, kNotPublic, kNone, kFailed };
  Kind Judge() const {
    if (HasPublic(a) || HasPublic(aaaa)) return Kind::kPublic;
    if (!a.answer || !aaaa.answer) return Kind::kWaiting;
    if (a.Is(Outcome::kFailed) || aaaa.Is(Outcome::kFailed)) return Kind::kFailed;
    return Any(a) || Any(aaaa) ? Kind::kNotPublic : Kind::kNone;
  }
  // What Judge() rests on came out of the cache.
  bool FromCache() const {
    if (HasPublic(a) && a.from_cache) return true;
    if (HasPublic(aaaa) && aaaa.from_cache) return true;
    return a.from_cache && aaaa.from_cache;
  }
  std::string Failure() const {
    const Heard& failed = a.Is(Outcome::kFailed) ? a : aaaa;
    return (&failed == &a ? "A: " : "AAAA: ") + failed.answer->failure;
  }

 private:
  static bool Any(const Heard& heard) {
    return heard.Is(Outcome::kFound) && !heard.answer->addresses.empty();
  }
  static bool HasPublic(const Heard& heard) {
    return Any(heard) &&
           std::any_of(heard.answer->addresses.begin(), heard.answer->addresses.end(), IsPublic);
  }
};
using Kind = Addresses::Kind;

struct MxHost {
  std::string name;
  Addresses addresses;
  bool asked_a = false;
  bool asked_aaaa = false;
};

// All that is known of a domain so far.
struct Evidence {
  Heard mx;
  Addresses own;
  std::vector<MxHost> hosts;  // those followed
  std::string malformed;      // an exchange that is not a host name
  bool more_hosts = false;    // than are followed

  bool HasMx() const { return mx.Is(Outcome::kFound); }

  // REQUIRES: an answer to the MX has been heard
  MonoTime OldestAnswer() const {
    MonoTime oldest = mx.answer->answered;
    const auto consider = [&oldest](const Addresses& addresses) {
      for (const Heard* heard : {&addresses.a, &addresses.aaaa}) {
        if (heard->answer) oldest = std::min(oldest, heard->answer->answered);
      }
    };
    consider(own);
    for (const MxHost& host : hosts) consider(host.addresses);
    return oldest;
  }
};

SenderDomainResult Make(State state, std::string detail, bool from_cache) {
  SenderDomainResult result;
  result.state = state;
  result.detail = std::move(detail);
  result.from_cache = from_cache;
  return result;
}

// RFC 7505 3: it stands alone, with preference 0.
bool IsNullMx(const std::vector<dns::MailExchange>& exchanges) {
  return exchanges.size() == 1 && exchanges[0].preference == 0 && exchanges[0].exchange.empty();
}

std::string NowhereDetail(const Evidence& evidence) {
  if (evidence.hosts.empty()) {
    return evidence.malformed.empty() ? "its MX is the root"
                                      : "MX " + evidence.malformed + " is not a host name";
  }
  const MxHost& first = evidence.hosts.front();
  const std::string has =
      first.addresses.Judge() == Kind::kNotPublic ? " no public address" : " no address";
  if (evidence.hosts.size() == 1) return "MX " + first.name + " has" + has;
  return "none of its MX hosts has a public address; the first is " + first.name;
}

// REQUIRES: evidence.HasMx()
std::optional<SenderDomainResult> JudgeMx(const Evidence& evidence) {
  bool from_cache = evidence.mx.from_cache;
  if (IsNullMx(evidence.mx.answer->exchanges)) {
    return Make(State::kNullMx, "null MX: it takes no mail", from_cache);
  }
  bool waiting = false;
  const MxHost* failed = nullptr;
  for (const MxHost& host : evidence.hosts) {
    const Kind kind = host.addresses.Judge();
    if (kind == Kind::kPublic) {
      return Make(State::kGood, "MX " + host.name, from_cache && host.addresses.FromCache());
    }
    waiting = waiting || kind == Kind::kWaiting;
    if (kind == Kind::kFailed && failed == nullptr) failed = &host;
  }
  if (waiting) return std::nullopt;
  for (const MxHost& host : evidence.hosts) from_cache = from_cache && host.addresses.FromCache();
  if (failed != nullptr) {
    return Make(State::kUnknown, "MX " + failed->name + ", " + failed->addresses.Failure(),
                from_cache);
  }
  if (evidence.more_hosts) {
    return Make(State::kUnknown, "more MX hosts than are looked up", from_cache);
  }
  return Make(State::kMxNowhere, NowhereDetail(evidence), from_cache);
}

// Without an MX record the domain is its own mail server (RFC 5321 5.1).
std::optional<SenderDomainResult> JudgeOwn(const Evidence& evidence) {
  const bool from_cache = evidence.mx.from_cache && evidence.own.FromCache();
  const bool nxdomain = evidence.mx.Is(Outcome::kNoName) && evidence.own.a.Is(Outcome::kNoName);
  switch (evidence.own.Judge()) {
    case Kind::kWaiting:
      return std::nullopt;
    case Kind::kPublic:
      return Make(State::kGood, "no MX, but an address", from_cache);
    case Kind::kNotPublic:
      return Make(State::kMxNowhere, "no MX, and no public address", from_cache);
    case Kind::kNone:
      return Make(State::kNone, nxdomain ? "NXDOMAIN" : "no MX, A or AAAA", from_cache);
    case Kind::kFailed:
      if (nxdomain) return Make(State::kNone, "NXDOMAIN", from_cache);
      return Make(State::kUnknown, evidence.own.Failure(), from_cache);
  }
  return std::nullopt;
}

// The result, as soon as further answers cannot change it.
std::optional<SenderDomainResult> Judge(const Evidence& evidence) {
  if (!evidence.mx.answer) return std::nullopt;
  switch (evidence.mx.answer->outcome) {
    case Outcome::kFound:
      return JudgeMx(evidence);
    case Outcome::kNoData:
    case Outcome::kNoName:
      return JudgeOwn(evidence);
    case Outcome::kFailed:
      return Make(State::kUnknown, "MX: " + evidence.mx.answer->failure, evidence.mx.from_cache);
  }
  return std::nullopt;
}

// One domain's questions. Their callbacks keep it alive; they may come from several threads, and
// from inside Ask().
class Check : public std::enable_shared_from_this<Check> {
 public:
  Check(std::string domain, dns::Resolver& resolver, std::function<void(SenderDomainResult)> done)
      : domain_(std::move(domain)), resolver_(resolver), done_(std::move(done)) {}

  void Start() {
    Ask({{domain_, RecordType::kMx}, [](Evidence& all) { return &all.mx; }});
  }

 private:
  // Where an answer belongs. Called with the lock held.
  using Slot = std::function<Heard*(Evidence&)>;

  struct Next {
    dns::Question question;
    Slot slot;
  };

  void Ask(const Next& next) {
    resolver_.Ask(next.question, dns::Freshness::kCached,
                  [self = shared_from_this(), slot = next.slot](const dns::AnswerPtr& answer,
                                                                bool from_cache) {
                    self->Hear(slot, answer, from_cache);
                  });
  }

  void Hear(const Slot& slot, const dns::AnswerPtr& answer, bool from_cache) {
    std::optional<SenderDomainResult> result;
    std::vector<Next> to_ask;
    {
      const MutexLock lock(mutex_);
      if (!done_) return;
      *slot(evidence_) = Heard{answer, from_cache};
      if (evidence_.HasMx() && !std::exchange(followed_, true)) FollowMx();
      result = Judge(evidence_);
      if (result) {
        result->answered = evidence_.OldestAnswer();
      } else {
        to_ask = NextQuestions();
      }
    }
    if (result) return Finish(std::move(*result));
    for (const Next& next : to_ask) {
      if (IsDone()) return;
      Ask(next);
    }
  }

  // What can still change the result, and has not been asked: nearly every domain has an MX, and
  // nearly every mail server an IPv4 address, so that most domains take two questions.
  std::vector<Next> NextQuestions() MXWARD_REQUIRES(mutex_) {
    std::vector<Next> next;
    if (!evidence_.HasMx()) {
      if (std::exchange(asked_own_, true)) return next;
      next.push_back({{domain_, RecordType::kA}, [](Evidence& all) { return &all.own.a; }});
      next.push_back({{domain_, RecordType::kAaaa}, [](Evidence& all) { return &all.own.aaaa; }});
      return next;
    }
    for (std::size_t i = 0; i < evidence_.hosts.size(); ++i) {
      MxHost& host = evidence_.hosts[i];
      if (!std::exchange(host.asked_a, true)) {
        next.push_back({{host.name, RecordType::kA},
                        [i](Evidence& all) { return &all.hosts[i].addresses.a; }});
      } else if (host.addresses.a.answer && !std::exchange(host.asked_aaaa, true)) {
        next.push_back({{host.name, RecordType::kAaaa},
                        [i](Evidence& all) { return &all.hosts[i].addresses.aaaa; }});
      }
    }
    return next;
  }

  // REQUIRES: evidence_.HasMx()
  void FollowMx() MXWARD_REQUIRES(mutex_) {
    std::vector<std::string> names;
    for (const dns::MailExchange& mx : evidence_.mx.answer->exchanges) {
      auto name = HostName(mx.exchange);
      if (!name) {
        if (evidence_.malformed.empty()) evidence_.malformed = mx.exchange;
      } else if (std::find(names.begin(), names.end(), *name) == names.end()) {
        evidence_.more_hosts = names.size() == sender_domain::kMaxHosts;
        if (evidence_.more_hosts) break;
        names.push_back(std::move(*name));
      }
    }
    for (std::string& name : names) evidence_.hosts.push_back({std::move(name), {}});
  }

  void Finish(SenderDomainResult result) {
    std::function<void(SenderDomainResult)> done;
    {
      const MutexLock lock(mutex_);
      done.swap(done_);
    }
    if (!done) return;  // another thread was faster
    result.domain = domain_;
    done(std::move(result));
  }

  bool IsDone() {
    const MutexLock lock(mutex_);
    return !done_;
  }

  const std::string domain_;
  dns::Resolver& resolver_;
  Mutex mutex_;
  Evidence evidence_ MXWARD_GUARDED_BY(mutex_);
  bool asked_own_ MXWARD_GUARDED_BY(mutex_) = false;
  bool followed_ MXWARD_GUARDED_BY(mutex_) = false;
  // Empty once it has been called.
  std::function<void(SenderDomainResult)> done_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace

std::string SenderDomainOf(std::string_view sender) {
  const auto name = HostName(CanonicalAddress(sender).domain());
  return name && name->find('.') != std::string::npos ? *name : std::string();
}

void CheckSenderDomain(const std::string& domain, dns::Resolver& resolver,
                       std::function<void(SenderDomainResult)> done) {
  std::make_shared<Check>(domain, resolver, std::move(done))->Start();
}

}  // namespace mxward
