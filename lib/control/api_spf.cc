// SPDX-License-Identifier: Apache-2.0
// SPF evaluations for an administrator, as a tree in a list: each step with its depth, because JSON
// that nests as deep as records include each other would be refused by those who read it.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "base/guarded.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "control/route.h"
#include "dns/resolver.h"
#include "spf/check.h"

namespace mxward::control {
namespace {

// An administrator waits longer than a session, and sees what took how long.
constexpr int kPatience = 3;
// A survey looks beyond the limits, to say by how much they are exceeded.
constexpr spf::Limits kSurveyLimits{.terms = 40, .voids = 40, .questions = 80};
constexpr spf::Limits kLimits;

struct Outcome {
  spf::Report report;
  Millis took{};
};

// Waits for the DNS: not on the control loop.
Outcome Evaluate(const spf::Request& request, const spf::Limits& limits,
                 const spf::CheckOptions& options, dns::Resolver& resolver, const Clock& clock,
                 Millis patience) {
  struct Heard {
    Guarded<std::optional<spf::Report>> report;
    dns::Progress progress;
  };
  const auto heard = std::make_shared<Heard>();
  const MonoTime begun = clock.Monotonic();
  const MonoTime until = begun + patience;
  const auto check = spf::Check::Start(
      request, limits, resolver, clock, until,
      [heard](spf::Report report) {
        *heard->report.Lock() = std::move(report);
        heard->progress.Add();
      },
      options);
  while (heard->progress.count() == 0 && clock.Monotonic() < until &&
         resolver.Wait(heard->progress, 0, until)) {
  }
  check->Cancel();
  Outcome outcome;
  outcome.took = std::chrono::floor<Millis>(clock.Monotonic() - begun);
  if (auto report = std::move(*heard->report.Lock())) {
    outcome.report = *std::move(report);
  } else {
    outcome.report.late = true;
    outcome.report.problem = "time limit exceeded";
  }
  return outcome;
}

void AddLookups(const std::vector<spf::Lookup>& lookups, std::int64_t depth, Json& steps) {
  for (const spf::Lookup& one : lookups) {
    Json step;
    step.Set("depth", depth).Set("kind", "lookup").Set("text", one.question.name);
    step.Set("type", WordOf(one.question.type)).Set("answer", one.said);
    step.Set("origin", one.again ? "before" : one.from_cache ? "cache" : "dns");
    step.Set("took_ms", one.again || one.from_cache ? Json() : Json(one.took.count()));
    steps.Push(std::move(step));
  }
}

// As deep as the limit of terms allows.
void AddRecord(const spf::RecordTrace& record, std::int64_t depth, Json& steps) {
  Json step;
  step.Set("depth", depth).Set("kind", "record").Set("text", record.domain);
  step.Set("type", Json()).Set("answer", record.text).Set("origin", Json()).Set("took_ms", Json());
  step.Set("result", WordOf(record.result)).Set("note", record.note);
  steps.Push(std::move(step));
  AddLookups(record.lookups, depth + 1, steps);
  for (const spf::TermTrace& term : record.terms) {
    Json one;
    one.Set("depth", depth + 1).Set("kind", "term").Set("text", term.text);
    one.Set("type", Json()).Set("answer", term.target).Set("origin", Json());
    one.Set("took_ms", Json()).Set("result", term.matched ? "match" : "no-match");
    one.Set("note", term.note);
    steps.Push(std::move(one));
    AddLookups(term.lookups, depth + 2, steps);
    for (const spf::RecordTrace& inner : term.inner) AddRecord(inner, depth + 2, steps);
  }
  if (record.left_out == 0) return;
  Json rest;
  rest.Set("depth", depth + 1).Set("kind", "term");
  rest.Set("text", "(" + std::to_string(record.left_out) + " more ip4 and ip6)");
  rest.Set("type", Json()).Set("answer", "").Set("origin", Json()).Set("took_ms", Json());
  rest.Set("result", "no-match").Set("note", "");
  steps.Push(std::move(rest));
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

void AddCosts(const Outcome& outcome, Json& answer) {
  const spf::Report& report = outcome.report;
  answer.Set("problem", TextOrNull(report.problem)).Set("record", TextOrNull(report.record));
  answer.Set("terms", report.terms).Set("voids", report.voids);
  answer.Set("questions", report.questions).Set("from_cache", report.from_cache);
  answer.Set("took_ms", outcome.took.count());
  Json limits;
  limits.Set("terms", kLimits.terms).Set("voids", kLimits.voids);
  limits.Set("questions", kLimits.questions);
  answer.Set("limits", std::move(limits));
  Json steps = Json::Array();
  if (!report.trace.domain.empty()) AddRecord(report.trace, 0, steps);
  answer.Set("steps", std::move(steps));
}

Result<spf::CheckOptions> OptionsOf(const Params& params, spf::Mode mode) {
  MXWARD_TRY(const bool fresh, params.Flag("fresh"));
  return spf::CheckOptions{
      .mode = mode, .freshness = fresh ? dns::Freshness::kBypassCache : dns::Freshness::kCached};
}

tl::unexpected<Error> NoSpfResolver() {
  return Fail(ErrorCode::kUnavailable, "no DNS resolver is configured");
}

// What the record of a sender's domain, or of HELO, says of a client.
Answer CheckSpf(const Call& call) {
  MXWARD_TRY(const auto client_text, call.params.NeededText("client"));
  const auto client = IpAddress::Parse(client_text);
  if (!client) {
    return Fail(ErrorCode::kInvalid,
                "client: \"" + EscapeForLog(client_text, 80) + "\" is not an address");
  }
  MXWARD_TRY(const auto options, OptionsOf(call.params, spf::Mode::kCheck));
  dns::Resolver* resolver = call.parts.resolver;
  if (resolver == nullptr) return NoSpfResolver();
  spf::Request request{*client, std::string(call.params.Text("from").value_or("")),
                       std::string(call.params.Text("helo").value_or(""))};
  const Outcome outcome = Evaluate(request, kLimits, options, *resolver, call.parts.clock,
                                   kPatience * call.config->dns.deadline);
  const spf::Report& report = outcome.report;
  Json answer;
  answer.Set("client", client->ToString()).Set("sender", request.sender);
  answer.Set("helo", request.helo).Set("domain", report.domain);
  answer.Set("identity", report.is_helo ? "helo" : "mailfrom");
  answer.Set("result", WordOf(report.result)).Set("matched", TextOrNull(report.Matched()));
  answer.Set("carries_identity", report.carries_identity);
  AddCosts(outcome, answer);
  return answer;
}

// What a domain's record asks for, whoever sends.
Answer ShowSpf(const Call& call) {
  MXWARD_TRY(const auto domain, call.params.NeededText("domain"));
  const auto name = HostName(domain);
  if (!name || name->find('.') == std::string::npos) {
    return Fail(ErrorCode::kInvalid,
                "domain: \"" + EscapeForLog(domain, 80) + "\" is not a domain");
  }
  MXWARD_TRY(const auto options, OptionsOf(call.params, spf::Mode::kSurvey));
  dns::Resolver* resolver = call.parts.resolver;
  if (resolver == nullptr) return NoSpfResolver();
  Outcome outcome = Evaluate({IpAddress(), "postmaster@" + *name, *name}, kSurveyLimits, options,
                             *resolver, call.parts.clock, kPatience * call.config->dns.deadline);
  spf::Report& report = outcome.report;
  const auto exceeds = [&](std::size_t number, std::size_t limit, const std::string& what) {
    if (!report.problem.empty() || number <= limit) return;
    report.result = spf::ResultCode::kPermerror;
    report.problem = std::to_string(number) + " " + what + ", more than " + std::to_string(limit);
  };
  exceeds(report.terms, kLimits.terms, "terms that need DNS lookups");
  exceeds(report.voids, kLimits.voids, "void lookups");
  exceeds(report.questions, kLimits.questions, "questions to the DNS");
  Json answer;
  answer.Set("domain", *name).Set("result", WordOf(report.result));
  AddCosts(outcome, answer);
  return answer;
}

}  // namespace

Routes SpfRoutes() {
  static constexpr std::array<std::string_view, 4> kSpfCheckParams = {"client", "from", "helo",
                                                                      "fresh"};
  static constexpr std::array<std::string_view, 2> kSpfShowParams = {"domain", "fresh"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/spf/check", kSpfCheckParams, Access::kAsksDns, &CheckSpf},
      Route{"GET", "/v1/spf/show", kSpfShowParams, Access::kAsksDns, &ShowSpf},
  };
  return kRoutes;
}

}  // namespace mxward::control
