// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "base/mail_address.h"
#include "base/text.h"
#include "base/units.h"
#include "control/items.h"
#include "control/list_items.h"
#include "control/list_questions.h"
#include "control/route.h"
#include "engine/explanation.h"
#include "greylist/sender.h"

namespace mxward::control {
namespace {

constexpr std::array kNameClassValues = {NameClass::kUnknown, NameClass::kNone, NameClass::kForged,
                                         NameClass::kTempfail, NameClass::kGood};
constexpr std::array kNameClasses = [] {
  std::array<std::string_view, kNameClassValues.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = WordOf(kNameClassValues[i]);
  return out;
}();

// As an MTA says it: see SessionFacts.
std::string NameAsTold(std::string_view text) {
  std::string name = ToLower(Trim(text));
  while (name.ends_with('.')) name.pop_back();
  return name;
}

Result<void> SetName(const Params& params, SessionFacts& session, Json& notes) {
  std::string name = NameAsTold(params.Text("name").value_or(""));
  // So the log and the MTA call a client that has no name.
  const bool nameless = name == "unknown";
  if (nameless) name.clear();
  MXWARD_TRY(const auto word, params.Word("name_class", kNameClasses));
  if (word) {
    session.name_class = kNameClassValues[*word];
  } else {
    session.name_class = nameless       ? NameClass::kNone
                         : name.empty() ? NameClass::kUnknown
                                        : NameClass::kGood;
  }
  const bool needs_name = session.name_class == NameClass::kGood;
  const bool has_none =
      session.name_class == NameClass::kNone || session.name_class == NameClass::kUnknown;
  if (needs_name && name.empty()) {
    return Fail(ErrorCode::kInvalid, "name_class: \"good\" requires the verified reverse name");
  }
  if (has_none && !name.empty()) {
    return Fail(ErrorCode::kInvalid, "name_class: \"" + std::string(WordOf(session.name_class)) +
                                         "\" means that there is no name, but one was given");
  }
  session.claimed_name = name;
  if (needs_name) session.client_name = name;
  if (session.name_class == NameClass::kUnknown) {
    notes.Push(
        "the reverse name is looked up by the mail server, not here, and none was given: decided "
        "as if the mail server had passed no result; give the name, or its class: none, forged or "
        "tempfail");
  }
  return {};
}

Result<SessionFacts> SessionOf(const Params& params, Json& notes) {
  SessionFacts session;
  const auto client = params.NeededText("client");
  if (!client) return Fail(client.error());
  session.client = IpAddress::Parse(*client);
  if (!session.client) {
    return Fail(ErrorCode::kInvalid,
                "client: \"" + EscapeForLog(*client, 80) + "\" is not a valid IP address");
  }
  MXWARD_TRY(SetName(params, session, notes));
  if (params.Text("tls")) {
    MXWARD_TRY(session.tls, params.Flag("tls"));
  } else {
    session.tls = true;
  }
  session.helo = params.Text("helo").value_or("");
  if (session.helo.empty()) notes.Push("no HELO was given: it does not count");
  return session;
}

Json FindingsJson(const std::vector<Finding>& findings, const std::vector<DnsblConfig>& lists) {
  Json items = Json::Array();
  for (const Finding& finding : findings) {
    Json item;
    item.Set("name", finding.Name()).Set("score", finding.score);
    item.Set("detail", WithoutKeys(finding.detail.Full(), lists));
    item.Set("origin", WordOf(finding.origin));
    const bool cached = finding.origin == Origin::kCache;
    item.Set("age_seconds", cached ? Json(finding.age.count()) : Json());
    items.Push(std::move(item));
  }
  return items;
}

Json ListsJson(const policy::Evidence& evidence, const std::vector<DnsblConfig>& lists) {
  Json items = Json::Array();
  for (const policy::ListEvidence& said : evidence.lists) {
    Json item;
    item.Set("list", said.list).Set("about", said.about);
    // Not waited for: whatever it says, the verdict stays.
    item.Set("state", said.pending ? "not-awaited" : WordOf(said.meaning.state));
    item.Set("score", said.meaning.score).Set("counts", said.scored);
    item.Set("condition", said.condition.empty() ? Json() : Json(said.condition));
    item.Set("detail", WithoutKeys(said.meaning.detail, lists));
    const bool cached = said.origin == Origin::kCache;
    item.Set("origin", WordOf(said.origin));
    item.Set("age_seconds", cached ? Json(said.age.count()) : Json());
    item.Set("latency_ms", cached ? Json() : Json(said.latency.count()));
    items.Push(std::move(item));
  }
  return items;
}

Json SpfJson(const policy::Evidence::Spf& spf) {
  if (!spf.asked) return {};
  Json item;
  if (spf.report == nullptr) {
    item.Set("result", "unknown").Set("problem", "no answer in time");
    return item;
  }
  const spf::Report& report = *spf.report;
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  item.Set("result", WordOf(report.result)).Set("domain", report.domain);
  item.Set("identity", report.is_helo ? "helo" : "sender");
  item.Set("carries_identity", report.carries_identity);
  item.Set("record", text(report.record)).Set("matched", text(report.Matched()));
  item.Set("problem", text(report.problem));
  item.Set("questions", std::uint64_t{report.questions});
  item.Set("from_cache", std::uint64_t{report.from_cache});
  return item;
}

// What rules, entries and limits have asked SPF; null: nothing.
Json PermissionsJson(const policy::Permissions& permissions) {
  using State = policy::Permissions::State;
  const auto result = [](const policy::Permissions::Answer& answer) {
    if (answer.state == State::kNotAsked) return Json();
    return Json(answer.state == State::kKnown ? WordOf(answer.result) : "unknown");
  };
  if (permissions.sender.state == State::kNotAsked && permissions.domains.empty()) return {};
  Json domains = Json::Array();
  for (const auto& [domain, answer] : permissions.domains) {
    Json item;
    item.Set("domain", domain).Set("result", result(answer));
    domains.Push(std::move(item));
  }
  Json item;
  item.Set("sender", result(permissions.sender)).Set("domains", std::move(domains));
  return item;
}

Json ReplyJson(const SmtpReply& reply, const std::vector<DnsblConfig>& lists) {
  if (reply.code == 0) return {};
  std::string line = std::to_string(reply.code);
  if (!reply.enhanced.empty()) line += " " + reply.enhanced;
  if (!reply.text.empty()) line += " " + reply.text;
  return WithoutKeys(line, lists);
}

void SetOutcome(Json& answer, const Explanation& explanation,
                const std::vector<DnsblConfig>& lists) {
  const Decision& decision = explanation.decision;
  answer.Set("action", WordOf(decision.verdict));
  answer.Set("reason", WordOf(decision.reason));
  Json decided_by;
  decided_by.Set("what", WordOf(decision.by));
  decided_by.Set("name", decision.source.empty() ? Json() : Json(decision.source));
  answer.Set("decided_by", std::move(decided_by));
  answer.Set("score", decision.score ? Json(*decision.score) : Json());
  Json thresholds;
  thresholds.Set("greylist", explanation.score.greylist).Set("reject", explanation.score.reject);
  answer.Set("thresholds", std::move(thresholds));
  answer.Set("findings", FindingsJson(decision.findings, lists));
  answer.Set("lists", explanation.evidence ? ListsJson(*explanation.evidence, lists) : Json());
  answer.Set("spf", SpfJson(explanation.spf));
  answer.Set("permissions", PermissionsJson(explanation.permissions));
  answer.Set("account", decision.account.empty() ? Json() : Json(decision.account));
  answer.Set("identity", decision.identity.empty() ? Json() : Json(decision.identity));
  answer.Set("reply", ReplyJson(decision.reply, lists));
  answer.Set("retry_passes",
             explanation.retry_passes ? Json(FormatTime(*explanation.retry_passes)) : Json());
  answer.Set("observing", explanation.observing);
}

void SetNotes(Json& answer, const Explanation& explanation, const MessageFacts& message,
              Json notes) {
  if (explanation.observing)
    notes.Push("mode is \"observe\" or there is a pause: the verdict is not enforced");
  if (!explanation.evidence) {
    notes.Push("nothing was looked up about the client: the decision does not need it");
  } else if (const NameTrust trust = explanation.evidence->name_trust; trust != NameTrust::kCount) {
    notes.Push("missing reverse names do not count at the moment: " +
               std::string(NameTrustText(trust)));
  }
  const int own_limit = explanation.score.own_limit;
  if (int own = 0; explanation.evidence) {
    for (const Finding& finding : explanation.decision.findings) {
      if (IsOwnFinding(finding.check)) own += finding.score;
    }
    if (own > own_limit) {
      notes.Push("what mxward found by itself adds up to " + std::to_string(own) + " and counts " +
                 std::to_string(own_limit) + " (score.own_limit)");
    }
  }
  if (explanation.decision.verdict == Verdict::kDefer && IsVerificationSender(message.sender)) {
    notes.Push(
        "mail servers verify addresses with this sender, so for its first recipient the deferral "
        "is sent at the end of the message, not at RCPT");
  }
  answer.Set("notes", std::move(notes));
}

Answer ExplainMail(const Call& call) {
  Json notes = Json::Array();
  MXWARD_TRY(auto session, SessionOf(call.params, notes));
  MessageFacts message;
  message.sender = StripAngles(call.params.Text("from").value_or(""));
  message.authenticated_user = call.params.Text("user").value_or("");
  const std::string recipient(StripAngles(call.params.Text("to").value_or("")));
  if (!call.params.Text("from")) notes.Push("no sender was given: the null sender <> is assumed");
  if (recipient.empty()) notes.Push("no recipient was given: one without exceptions is assumed");

  const Explanation explanation = call.parts.explain(std::move(session), message, recipient);
  Json answer;
  answer.Set("client", explanation.session.client->ToString());
  answer.Set("name", explanation.session.claimed_name.empty()
                         ? Json()
                         : Json(explanation.session.claimed_name));
  answer.Set("name_class", WordOf(explanation.session.name_class));
  answer.Set("tls", explanation.session.tls);
  answer.Set("helo", explanation.session.helo).Set("sender", message.sender);
  answer.Set("recipient", recipient);
  answer.Set("user",
             message.authenticated_user.empty() ? Json() : Json(message.authenticated_user));
  auto history = LiveClientItem(call.parts, *explanation.session.client, call.now);
  if (!history) return Fail(history.error());
  answer.Set("history", *std::move(history));
  SetOutcome(answer, explanation, call.config->dnsbl);
  SetNotes(answer, explanation, message, std::move(notes));
  return answer;
}

}  // namespace

Routes ExplainRoutes() {
  static constexpr std::array<std::string_view, 8> kExplainParams = {
      "client", "name", "name_class", "helo", "tls", "from", "to", "user"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/explain", kExplainParams, Access::kAsksDns, &ExplainMail},
  };
  return kRoutes;
}

}  // namespace mxward::control
