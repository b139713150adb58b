// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "control/list_items.h"
#include "control/list_questions.h"
#include "control/route.h"

namespace mxward::control {
namespace {

dnsbl::ListStatus StatusOf(const std::vector<dnsbl::ListStatus>& statuses,
                           const std::string& name) {
  const auto found = std::find_if(statuses.begin(), statuses.end(),
                                  [&](const auto& status) { return status.name == name; });
  return found == statuses.end() ? dnsbl::ListStatus() : *found;
}

// All lists, or the one that is wanted.
Result<std::vector<const DnsblConfig*>> Chosen(const Params& params,
                                               const std::vector<DnsblConfig>& lists) {
  const auto wanted = params.Text("name");
  std::vector<const DnsblConfig*> chosen;
  std::vector<std::string_view> names;
  for (const DnsblConfig& list : lists) {
    names.push_back(list.name);
    if (!wanted || EqualsNoCase(*wanted, list.name)) chosen.push_back(&list);
  }
  if (!wanted || !chosen.empty()) return chosen;
  const std::string_view nearest = ClosestMatch(*wanted, names);
  return Fail(ErrorCode::kInvalid,
              "there is no DNS list \"" + EscapeForLog(*wanted, 80) + "\"" +
                  (nearest.empty() ? "" : "; did you mean \"" + EscapeForLog(nearest, 80) + "\"?"));
}

Json BlindJson(const BlindLists& blind) {
  if (blind.names.empty()) return {};
  Json names = Json::Array();
  for (const std::string& name : blind.names) names.Push(name);
  Json json;
  json.Set("lists", std::move(names)).Set("cause", blind.cause).Set("message", blind.text());
  return json;
}

tl::unexpected<Error> NoResolver() {
  return Fail(ErrorCode::kUnavailable, "no DNS resolver is configured");
}

Answer GetDnsLists(const Call& call) {
  const auto statuses = call.parts.list_health.Status();
  Json items = Json::Array();
  for (const DnsblConfig& list : call.config->dnsbl) {
    items.Push(ListItem(list, StatusOf(statuses, list.name)));
  }
  Json answer;
  answer.Set("items", std::move(items));
  answer.Set("blind", BlindJson(FindBlindLists(call.config->dnsbl, statuses)));
  return answer;
}

Answer TestDnsLists(const Call& call) {
  MXWARD_TRY(const auto chosen, Chosen(call.params, call.config->dnsbl));
  dns::Resolver* resolver = call.parts.resolver;
  if (resolver == nullptr) return NoResolver();
  Json items = Json::Array();
  for (const TestedList& tested :
       TestLists(chosen, *resolver, call.parts.clock, call.config->dns)) {
    // As good as the daemon's own: a list that has recovered is used again at once.
    const auto watch = call.parts.list_health.Find(*tested.list);
    if (tested.points && watch != nullptr) watch->NoteTest(dnsbl::Summarise(*tested.points));
    items.Push(TestedListItem(tested, call.config->dnsbl));
  }
  Json answer;
  answer.Set("items", std::move(items));
  answer.Set("blind",
             BlindJson(FindBlindLists(call.config->dnsbl, call.parts.list_health.Status())));
  return answer;
}

Answer CheckDnsLists(const Call& call) {
  const auto what = call.params.NeededText("what");
  if (!what) return Fail(what.error());
  std::vector<ListSubject> subjects;
  MXWARD_TRY(auto subject, ListSubject::Parse(*what));
  subjects.push_back(std::move(subject));
  if (const auto sender = call.params.Text("sender")) {
    auto domain = ListSubject::Parse(*sender);
    if (!domain) return Fail("sender", domain.error());
    domain->is_sender = true;
    subjects.push_back(*std::move(domain));
  }
  MXWARD_TRY(const auto fresh, call.params.Flag("fresh"));
  dns::Resolver* resolver = call.parts.resolver;
  if (resolver == nullptr) return NoResolver();
  Json items = Json::Array();
  for (const ListAnswer& said :
       AskLists(call.config->dnsbl, subjects, *resolver, call.parts.clock, call.config->dns,
                fresh ? dns::Freshness::kBypassCache : dns::Freshness::kCached)) {
    items.Push(ListAnswerItem(said));
  }
  Json answer;
  answer.Set("what", subjects.front().text()).Set("items", std::move(items));
  return answer;
}

}  // namespace

Routes DnsblRoutes() {
  static constexpr std::array<std::string_view, 1> kTestParams = {"name"};
  static constexpr std::array<std::string_view, 3> kCheckParams = {"what", "sender", "fresh"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/dnsbl", {}, Access::kDaemonState, &GetDnsLists},
      Route{"GET", "/v1/dnsbl/test", kTestParams, Access::kAsksDns, &TestDnsLists},
      Route{"GET", "/v1/dnsbl/check", kCheckParams, Access::kAsksDns, &CheckDnsLists},
  };
  return kRoutes;
}

}  // namespace mxward::control
