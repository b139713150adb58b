// SPDX-License-Identifier: Apache-2.0
#include "control/list_items.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "config/config.h"

namespace mxward::control {
namespace {

Json Texts(const std::vector<std::string>& texts) {
  Json array = Json::Array();
  for (const std::string& text : texts) array.Push(text);
  return array;
}

Json CodesJson(const DnsblConfig& list) {
  Json codes = Json::Array();
  for (const DnsblCode& code : list.codes) {
    Json item;
    item.Set("answer", code.filter.text()).Set("score", code.score).Set("meaning", code.meaning);
    codes.Push(std::move(item));
  }
  return codes;
}

void SetHealth(Json& item, const dnsbl::ListStatus& status) {
  item.Set("condition", WordOf(status.condition));
  item.Set("since", FormatTime(status.since)).Set("detail", status.detail);
  item.Set("suspended", IsSuspended(status));
}

Json PointItem(const dnsbl::TestPoint& point, bool blind, const std::vector<DnsblConfig>& lists) {
  Json item;
  item.Set("point", point.what).Set("asked", point.asked);
  item.Set("expected", point.should_be_listed ? "listed" : "not-listed");
  item.Set("got", WordOf(point.meaning.state));
  item.Set("codes", Texts(point.meaning.codes));
  item.Set("detail", WithoutKeys(point.meaning.detail, lists));
  item.Set("latency_ms", point.latency.count()).Set("verdict", WordOf(Judge(point, blind)));
  return item;
}

// Whether a test says anything about what is listed.
bool HasListedPoint(const DnsblConfig& list) {
  if (!list.AboutClients()) return !list.listed_name.empty();
  return (list.ipv4 && !list.listed_v4.empty()) || (list.ipv6 && !list.listed_v6.empty());
}

}  // namespace

bool IsSuspended(const dnsbl::ListStatus& status) {
  switch (status.condition) {
    case dnsbl::Condition::kHealthy:
      return false;
    case dnsbl::Condition::kUnproven:
      return status.last_test.has_value();
    case dnsbl::Condition::kBroken:
    case dnsbl::Condition::kRefusing:
    case dnsbl::Condition::kFalsePositives:
    case dnsbl::Condition::kSuspect:
      break;
  }
  return true;
}

Json ListHealthItem(const dnsbl::ListStatus& status) {
  Json item;
  item.Set("name", status.name);
  SetHealth(item, status);
  return item;
}

Json ListItem(const DnsblConfig& list, const dnsbl::ListStatus& status) {
  Json item;
  item.Set("name", list.name);
  item.Set("profile", list.profile.empty() ? Json() : Json(list.profile));
  item.Set("zone", list.public_zone);
  Json of = Json::Array();
  for (const DnsblOf one : list.of) of.Push(WordOf(one));
  item.Set("of", std::move(of));
  if (list.AboutClients()) {
    item.Set("ipv4", list.ipv4).Set("ipv6", list.ipv6);
  } else {
    item.Set("organisation", list.organisation);
  }
  item.Set("max_score", list.MaxScore()).Set("min_score", list.MinScore());
  item.Set("codes", CodesJson(list));
  Json refusals = Json::Array();
  for (const CodeFilter& filter : list.refusals) refusals.Push(filter.text());
  item.Set("refusals", std::move(refusals)).Set("observe", list.observe);
  SetHealth(item, status);
  item.Set("listed_point_missing", status.listed_point_missing);
  item.Set("last_test", status.last_test ? Json(FormatTime(*status.last_test)) : Json());
  item.Set("latency_ms", status.last_test ? Json(status.latency.count()) : Json());
  item.Set("asked", status.asked).Set("listed", status.listed);
  item.Set("refused", status.refused).Set("failed", status.failed);
  return item;
}

std::string BlindLists::text() const {
  if (names.empty()) return "";
  if (names.size() == 1) {
    return "DNS list " + names[0] +
           " does not list its own test point, so it lists nothing: " + cause;
  }
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return "DNS lists " + all + " do not list their own test points, so they list nothing: " + cause;
}

BlindLists FindBlindLists(const std::vector<DnsblConfig>& lists,
                          const std::vector<dnsbl::ListStatus>& statuses) {
  BlindLists blind;
  bool one_sees = false;
  bool keyed = false;
  for (const DnsblConfig& list : lists) {
    const auto status = std::find_if(statuses.begin(), statuses.end(),
                                     [&](const auto& one) { return one.name == list.name; });
    if (status == statuses.end() || !status->last_test || !HasListedPoint(list)) continue;
    if (!status->blind) {
      // One that does not answer at all says nothing about what comes through.
      one_sees = one_sees || status->condition != dnsbl::Condition::kBroken;
    } else if (!list.profile.empty()) {
      blind.names.push_back(list.name);
      keyed = keyed || !list.key.empty();
    }
  }
  if (blind.names.empty()) return blind;
  std::vector<std::string_view> causes;
  if (!one_sees) {
    causes.emplace_back(
        "the resolver removes answers within 127.0.0.0/8 (protection against DNS rebinding: "
        "private-address of unbound, stop-dns-rebind of dnsmasq)");
  }
  const bool single = blind.names.size() == 1;
  if (keyed) causes.emplace_back(single ? "its key is wrong" : "a key is wrong");
  if (one_sees || single)
    causes.emplace_back(single ? "it has closed down" : "they have closed down");
  for (const std::string_view one : causes) {
    blind.cause += blind.cause.empty() ? "probably " : ", or ";
    blind.cause += one;
  }
  return blind;
}

Json ListAnswerItem(const ListAnswer& answer) {
  Json item;
  item.Set("list", answer.list->name).Set("about", answer.about);
  item.Set("state", WordOf(answer.meaning.state));
  item.Set("score", answer.meaning.score).Set("codes", Texts(answer.meaning.codes));
  item.Set("detail", WithoutKeys(answer.meaning.detail, {*answer.list}));
  item.Set("text", answer.text.empty() ? Json() : Json(answer.text));
  item.Set("origin", answer.from_cache ? "cache" : "dns");
  item.Set("age_seconds", answer.from_cache ? Json(answer.age.count()) : Json());
  item.Set("latency_ms", answer.from_cache ? Json() : Json(answer.latency.count()));
  return item;
}

Json TestedListItem(const TestedList& tested, const std::vector<DnsblConfig>& lists) {
  Json item;
  item.Set("list", tested.list->name);
  item.Set("verdict", WordOf(tested.verdict()));
  Json points = Json::Array();
  if (tested.points) {
    for (const dnsbl::TestPoint& point : *tested.points) {
      points.Push(PointItem(point, tested.is_blind(), lists));
    }
  }
  if (!tested.points) {
    item.Set("detail", "no answer in time");
  } else {
    item.Set("detail", tested.points->empty() ? Json("the list has no test points") : Json());
  }
  item.Set("points", std::move(points));
  return item;
}

}  // namespace mxward::control
