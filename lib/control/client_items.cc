// SPDX-License-Identifier: Apache-2.0
#include "control/client_items.h"

#include "base/client_network.h"
#include "base/text.h"
#include "base/units.h"

namespace mxward::control {
namespace {

// The epoch stands for never.
Json TimeJson(WallTime time) { return time == WallTime() ? Json() : Json(FormatTime(time)); }

StandingResult StandingNow(const ClientRecord& record, WallTime now) {
  return StandingOf(record, record.name_class == NameClass::kGood, now);
}

std::string_view NameOf(Standing standing) {
  switch (standing) {
    case Standing::kNone:
      return "none";
    case Standing::kGood:
      return "good";
    case Standing::kBad:
      return "bad";
  }
  return "";
}

}  // namespace

std::string ClientText(const IpAddress& client) { return ClientNetwork(client).ToString(); }

std::string_view StandingName(const ClientRecord& record, WallTime now) {
  return NameOf(StandingNow(record, now).standing);
}

Json ClientItem(std::string_view key, const ClientRecord& record, WallTime now) {
  const StandingResult standing = StandingNow(record, now);
  Json item;
  item.Set("client", record.client ? Json(ClientText(*record.client)) : Json());
  item.Set("client_hash", HexEncode(key));
  item.Set("first_seen", FormatTime(record.first_seen));
  item.Set("last_seen", FormatTime(record.last_seen));
  item.Set("connections", record.connections).Set("passed", record.passed);
  item.Set("deferred", record.deferred).Set("rejected", record.rejected);
  item.Set("bad", record.bad).Set("harvests", record.harvests);
  item.Set("name_class", NameClassWord(record.name_class));
  item.Set("standing", NameOf(standing.standing)).Set("standing_detail", standing.detail);
  item.Set("days_passed", record.passed_on.days);
  item.Set("first_passed", TimeJson(record.passed_on.first));
  item.Set("last_passed", TimeJson(record.passed_on.last));
  item.Set("last_rejected", TimeJson(record.last_rejected));
  item.Set("last_list", record.last_list.empty() ? Json() : Json(record.last_list));
  item.Set("last_listed", TimeJson(record.last_listed));
  return item;
}

Json BusyClientItem(const RecentClients::Busy& busy) {
  Json item;
  item.Set("client", ClientText(busy.client));
  item.Set("connections", busy.counts.connections).Set("passed", busy.counts.passed);
  item.Set("deferred", busy.counts.deferred).Set("rejected", busy.counts.rejected);
  item.Set("bad", busy.counts.bad);
  return item;
}

bool IsOneClient(const Prefix& prefix) {
  return prefix.length() >= ClientNetwork(prefix.address()).length();
}

Result<Json> LiveClientItem(Engine& engine, const IpAddress& client, WallTime now) {
  const auto record = engine.history().Get(client);
  if (!record) return Fail(record.error());
  if (!*record || IsExpired(**record, now, engine.config()->clients.lifetime)) return Json();
  return ClientItem(ClientKey(engine.environment().hash_key(), client), **record, now);
}

}  // namespace mxward::control
