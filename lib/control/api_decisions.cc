// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>

#include "base/text.h"
#include "base/units.h"
#include "control/filters.h"
#include "control/route.h"
#include "facts/decision.h"

namespace mxward::control {
namespace {

// Which decisions are shown: all conditions have to hold. What log.addresses hides is hidden from
// it as well.
struct DecisionFilter {
  std::optional<Prefix> client;
  std::optional<AddressPattern> sender;
  std::optional<AddressPattern> recipient;
  std::string_view action;
  std::string_view reason;

  static Result<DecisionFilter> Parse(const Params& params);
  bool Matches(const ShownDecision& shown) const;
};

Result<DecisionFilter> DecisionFilter::Parse(const Params& params) {
  DecisionFilter filter;
  MXWARD_TRY(filter.client, PrefixOf(params, "client"));
  MXWARD_TRY(filter.sender, PatternOf(params, "sender"));
  MXWARD_TRY(filter.recipient, PatternOf(params, "recipient"));

  MXWARD_TRY(const auto action, params.Word<Verdict>("action"));
  if (action) filter.action = WordOf(*action);
  MXWARD_TRY(const auto reason, params.Word<Reason>("reason"));
  if (reason) filter.reason = WordOf(*reason);
  return filter;
}

bool DecisionFilter::Matches(const ShownDecision& shown) const {
  if (!action.empty() && shown.action != action) return false;
  if (!reason.empty() && shown.reason != reason) return false;
  if (client) {
    const auto address = IpAddress::Parse(shown.client_address);
    if (!address || !client->Contains(*address)) return false;
  }
  if (sender && !sender->Matches(shown.sender)) return false;
  return !recipient || recipient->Matches(shown.recipient);
}

// The names are those of the log in JSON.
Json DecisionItem(const DecisionFeed::Item& item) {
  const ShownDecision& shown = item.shown;
  Json json;
  json.Set("time", FormatTime(item.at)).Set("queue_id", shown.queue_id);
  json.Set("action", shown.action).Set("reason", shown.reason);
  json.Set("delay", shown.delay ? Json(shown.delay->count()) : Json());
  json.Set("identity", shown.identity.empty() ? Json() : Json(shown.identity));
  json.Set("about", shown.about.empty() ? Json() : Json(shown.about));
  json.Set("client_name", shown.client_name).Set("client_address", shown.client_address);
  json.Set("helo", shown.helo).Set("sender", shown.sender).Set("recipient", shown.recipient);
  json.Set("user", shown.user.empty() ? Json() : Json(shown.user));
  json.Set("account", shown.account.empty() ? Json() : Json(shown.account));
  json.Set("score", shown.score ? Json(*shown.score) : Json());
  json.Set("findings", shown.findings.empty() ? Json() : Json(shown.findings));
  json.Set("told", shown.told.empty() ? Json() : Json(shown.told));
  json.Set("observed", shown.observed);
  return json;
}

Result<std::optional<std::uint64_t>> CursorOf(const Params& params) {
  const auto text = params.Text("after");
  if (!text || text->empty()) return std::optional<std::uint64_t>();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) {
    return Fail(ErrorCode::kInvalid, "after: \"" + EscapeForLog(*text, 40) +
                                         "\" is not the \"next\" of an earlier answer");
  }
  return std::optional(number);
}

Answer GetDecisions(const Call& call) {
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  MXWARD_TRY(const auto after, CursorOf(call.params));
  MXWARD_TRY(const auto filter, DecisionFilter::Parse(call.params));

  const auto part = call.parts.decision_feed.From(after, static_cast<std::size_t>(limit));
  Json items = Json::Array();
  for (const DecisionFeed::Item& item : part.items) {
    if (filter.Matches(item.shown)) items.Push(DecisionItem(item));
  }
  Json answer;
  answer.Set("items", std::move(items)).Set("next", std::to_string(part.next));
  answer.Set("more", part.more).Set("missed", part.missed);
  return answer;
}

}  // namespace

Routes DecisionsRoutes() {
  static constexpr std::array<std::string_view, 7> kDecisionsParams = {
      "limit", "after", "client", "sender", "recipient", "action", "reason"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/decisions", kDecisionsParams, Access::kDaemonState, &GetDecisions},
  };
  return kRoutes;
}

}  // namespace mxward::control
