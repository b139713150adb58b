// SPDX-License-Identifier: Apache-2.0
#include "control/list_questions.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/guarded.h"
#include "base/mail_address.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "clients/organisation.h"
#include "clients/sender_domain.h"
#include "dns/resolver.h"
#include "dnsbl/query_name.h"

namespace mxward::control {
namespace {

// Beyond the deadline that the resolver itself keeps.
constexpr Millis kGrace{500};
// Long enough for an address (URL) with its explanation.
constexpr std::size_t kMaxText = 500;

// Until `progress` has counted to `count`, or the time is over.
void Await(dns::Progress& progress, std::uint64_t count, dns::Resolver& resolver,
           const Clock& clock, Millis limit) {
  const MonoTime until = clock.Monotonic() + limit;
  for (;;) {
    const std::uint64_t seen = progress.count();
    if (seen >= count || clock.Monotonic() >= until) return;
    if (!resolver.Wait(progress, seen, until)) return;
  }
}

struct DnsReply {
  dns::AnswerPtr answer;  // null: none came
  bool from_cache = false;
  MonoTime came{};
};

// What has come of several questions. Shared with the resolver, which may answer when nobody waits
// any more.
struct Round {
  Guarded<std::vector<DnsReply>> replies;
  dns::Progress progress;
};

std::vector<DnsReply> AskAll(const std::vector<dns::Question>& questions, dns::Resolver& resolver,
                             const Clock& clock, Millis deadline, dns::Freshness freshness) {
  const auto round = std::make_shared<Round>();
  round->replies.Lock()->resize(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    resolver.Ask(questions[i], freshness,
                 [round, i, &clock](const dns::AnswerPtr& answer, bool from_cache) {
                   (*round->replies.Lock())[i] = {answer, from_cache, clock.Monotonic()};
                   round->progress.Add();
                 });
  }
  Await(round->progress, questions.size(), resolver, clock, deadline + kGrace);
  return *round->replies.Lock();
}

bool IsAbout(const DnsblConfig& list, DnsblOf of) {
  return std::find(list.of.begin(), list.of.end(), of) != list.of.end();
}

// One question to a list, and what it is about.
struct ListQuestion {
  ListAnswer answer;
  dns::Question question;
};

std::optional<ListQuestion> QuestionOf(const DnsblConfig& list, const ListSubject& subject) {
  ListQuestion asked;
  asked.answer.list = &list;
  std::optional<std::string> name;
  if (subject.client) {
    if (!list.AboutClients()) return std::nullopt;
    asked.answer.about = subject.client->ToString();
    name = dnsbl::QueryName(list, *subject.client);
  } else {
    if (list.AboutClients()) return std::nullopt;
    if (subject.is_sender && !IsAbout(list, DnsblOf::kSenderDomain)) return std::nullopt;
    asked.answer.about = list.organisation ? OrganisationalDomain(subject.name) : subject.name;
    name = dnsbl::QueryName(list, asked.answer.about);
  }
  if (!name) return std::nullopt;
  asked.question = {*name, dns::RecordType::kA};
  return asked;
}

std::vector<ListQuestion> QuestionsOf(const std::vector<DnsblConfig>& lists,
                                      const std::vector<ListSubject>& subjects) {
  std::vector<ListQuestion> questions;
  for (const DnsblConfig& list : lists) {
    for (const ListSubject& subject : subjects) {
      auto asked = QuestionOf(list, subject);
      if (!asked) continue;
      const bool twice =
          std::any_of(questions.begin(), questions.end(), [&](const ListQuestion& other) {
            return other.answer.list == &list && other.question == asked->question;
          });
      if (!twice) questions.push_back(*std::move(asked));
    }
  }
  return questions;
}

void Note(ListAnswer& answer, const DnsReply& reply, MonoTime asked, MonoTime now) {
  if (reply.answer == nullptr) {
    answer.meaning.state = dnsbl::State::kUnknown;
    answer.meaning.detail = "no answer in time";
    return;
  }
  answer.meaning = dnsbl::Interpret(*answer.list, *reply.answer);
  answer.from_cache = reply.from_cache;
  if (reply.from_cache) {
    answer.age = std::max(Seconds(0), std::chrono::floor<Seconds>(now - reply.answer->answered));
  } else {
    answer.latency = std::chrono::floor<Millis>(reply.came - asked);
  }
}

void AskForTexts(std::vector<ListQuestion>& asked, const std::vector<DnsblConfig>& lists,
                 dns::Resolver& resolver, const Clock& clock, Millis deadline,
                 dns::Freshness freshness) {
  std::vector<dns::Question> questions;
  std::vector<ListAnswer*> answers;
  for (ListQuestion& one : asked) {
    if (one.answer.meaning.state != dnsbl::State::kListed) continue;
    questions.push_back({one.question.name, dns::RecordType::kTxt});
    answers.push_back(&one.answer);
  }
  const auto replies = AskAll(questions, resolver, clock, deadline, freshness);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const dns::AnswerPtr& answer = replies[i].answer;
    if (answer == nullptr || answer->texts.empty()) continue;
    answers[i]->text = WithoutKeys(answer->texts.front(), lists).substr(0, kMaxText);
  }
}

}  // namespace

Result<ListSubject> ListSubject::Parse(std::string_view text) {
  ListSubject subject;
  subject.client = IpAddress::Parse(text);
  if (subject.client) return subject;
  subject.is_sender = text.find('@') != std::string_view::npos;
  auto name = HostName(subject.is_sender ? SenderDomainOf(StripAngles(text)) : text);
  if (!name || name->find('.') == std::string::npos) {
    return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text, 80) +
                                         "\" is neither an IP address nor a host name with a dot, "
                                         "nor a mail address with such a domain");
  }
  subject.name = *std::move(name);
  return subject;
}

std::vector<ListAnswer> AskLists(const std::vector<DnsblConfig>& lists,
                                 const std::vector<ListSubject>& subjects, dns::Resolver& resolver,
                                 const Clock& clock, const DnsConfig& config,
                                 dns::Freshness freshness) {
  std::vector<ListQuestion> asked = QuestionsOf(lists, subjects);
  std::vector<dns::Question> questions;
  questions.reserve(asked.size());
  for (const ListQuestion& one : asked) questions.push_back(one.question);
  const MonoTime began = clock.Monotonic();
  const auto replies = AskAll(questions, resolver, clock, config.deadline, freshness);
  const MonoTime now = clock.Monotonic();
  for (std::size_t i = 0; i < asked.size(); ++i) Note(asked[i].answer, replies[i], began, now);
  AskForTexts(asked, lists, resolver, clock, config.deadline, freshness);
  std::vector<ListAnswer> answers;
  answers.reserve(asked.size());
  for (ListQuestion& one : asked) answers.push_back(std::move(one.answer));
  return answers;
}

TestVerdict Judge(const dnsbl::TestPoint& point, bool blind) {
  switch (point.meaning.state) {
    case dnsbl::State::kListed:
      return point.should_be_listed ? TestVerdict::kOk : TestVerdict::kFail;
    case dnsbl::State::kNotListed:
      if (!point.should_be_listed) return TestVerdict::kOk;
      return blind ? TestVerdict::kFail : TestVerdict::kWarn;
    case dnsbl::State::kUnlistedCode:
      return TestVerdict::kWarn;
    case dnsbl::State::kRefused:
    case dnsbl::State::kBogus:
    case dnsbl::State::kUnknown:
      break;
  }
  return TestVerdict::kFail;
}

bool TestedList::is_blind() const {
  return points && !list->profile.empty() && dnsbl::Summarise(*points).blind;
}

TestVerdict TestedList::verdict() const {
  if (!points) return TestVerdict::kFail;
  if (points->empty()) return TestVerdict::kWarn;
  TestVerdict worst = TestVerdict::kOk;
  for (const dnsbl::TestPoint& point : *points) {
    worst = std::max(worst, Judge(point, is_blind()));
  }
  return worst;
}

std::vector<TestedList> TestLists(const std::vector<const DnsblConfig*>& lists,
                                  dns::Resolver& resolver, const Clock& clock,
                                  const DnsConfig& config) {
  struct Reports {
    Guarded<std::vector<std::optional<std::vector<dnsbl::TestPoint>>>> points;
    dns::Progress progress;
  };
  const auto reports = std::make_shared<Reports>();
  reports->points.Lock()->resize(lists.size());
  for (std::size_t i = 0; i < lists.size(); ++i) {
    dnsbl::Test(*lists[i], resolver, clock, [reports, i](std::vector<dnsbl::TestPoint> points) {
      (*reports->points.Lock())[i] = std::move(points);
      reports->progress.Add();
    });
  }
  Await(reports->progress, lists.size(), resolver, clock, config.deadline + kGrace);
  const auto points = *reports->points.Lock();
  std::vector<TestedList> tested;
  tested.reserve(lists.size());
  for (std::size_t i = 0; i < lists.size(); ++i) tested.push_back({lists[i], points[i]});
  return tested;
}

std::string WithoutKeys(std::string_view text, const std::vector<DnsblConfig>& lists) {
  static constexpr std::string_view kHidden = "***";
  std::string out(text);
  for (const DnsblConfig& list : lists) {
    if (list.key.empty()) continue;
    const std::string key = ToLower(list.key);
    for (auto at = ToLower(out).find(key); at != std::string::npos;
         at = ToLower(out).find(key, at + kHidden.size())) {
      out.replace(at, key.size(), kHidden);
    }
  }
  return out;
}

}  // namespace mxward::control
