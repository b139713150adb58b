// SPDX-License-Identifier: Apache-2.0
#include "control/items.h"

#include <fmt/format.h>

#include "base/client_network.h"
#include "base/text.h"
#include "base/units.h"
#include "greylist/identity.h"
#include "greylist/state.h"

namespace mxward::control {
namespace {

using greylist::State;
using greylist::TupleRecord;

bool WindowClosed(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  // A pending record is kept for kLostRetention beyond its window.
  return greylist::IsExpired(record, now + greylist::kLostRetention, config);
}

void SetAddresses(Json& item, const TupleRecord& record, const GreylistConfig& config) {
  if (!record.client) {
    // All that privacy leaves to tell clients apart by.
    item.Set("client", Json()).Set("client_tag", fmt::format("{:08x}", record.client_tag));
    item.Set("sender", Json()).Set("recipient", Json());
    return;
  }
  item.Set("client", record.client->ToString());
  item.Set("client_network", greylist::NetworkOf(*record.client, config).ToString());
  item.Set("sender", record.folded ? Json() : Json(record.sender));
  item.Set("recipient", record.folded ? Json() : Json(record.recipient));
}

}  // namespace

TupleState StateOf(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  switch (record.state) {
    case State::kPending:
      return WindowClosed(record, now, config) ? TupleState::kExpired : TupleState::kPending;
    case State::kPassed:
      return greylist::IsExpired(record, now, config) ? TupleState::kExpired : TupleState::kPassed;
    case State::kForgotten:
      return TupleState::kForgotten;
  }
  return TupleState::kForgotten;
}

Progress ProgressOf(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  if (record.state != State::kPending || record.observed) return Progress::kNone;
  if (greylist::NeverCameBack(record, now, config)) return Progress::kLost;
  return now < greylist::PassesAt(record, config) ? Progress::kWaiting : Progress::kOverdue;
}

Json TupleItem(const greylist::TupleKey& key, const TupleRecord& record, WallTime now,
               const GreylistConfig& config) {
  Json item;
  item.Set("key", key.ToHex()).Set("state", WordOf(StateOf(record, now, config)));
  if (const auto progress = ProgressOf(record, now, config); progress != Progress::kNone) {
    item.Set("progress", WordOf(progress));
  }
  item.Set("observed", record.observed).Set("folded", record.folded).Set("spf", record.spf);
  SetAddresses(item, record, config);
  item.Set("first_seen", FormatTime(record.first_seen));
  item.Set("last_seen", FormatTime(record.last_seen));
  if (record.state == State::kPending) {
    const Seconds window = record.observed ? config.lifetime : config.retry_window;
    item.Set("passes_at", FormatTime(greylist::PassesAt(record, config)));
    item.Set("passes_until", FormatTime(record.first_seen + window));
  } else {
    item.Set("passed_at", FormatTime(record.passed_at));
  }
  item.Set("tries", record.tries).Set("passes", record.passes);
  return item;
}

Json AutoAllowItem(std::uint64_t identity_hash, const greylist::AutoAllowRecord& record,
                   WallTime now, const GreylistConfig& config) {
  Json item;
  item.Set("identity", record.identity.empty() ? Json() : Json(record.identity));
  item.Set("identity_hash", fmt::format("{:016x}", identity_hash));
  item.Set("allowed", greylist::IsAllowed(record, now, config)).Set("passed", record.passed);
  item.Set("last_counted", FormatTime(record.counted_at));
  if (record.first_counted != WallTime()) {
    item.Set("first_counted", FormatTime(record.first_counted));
    item.Set("several_clients", record.several_clients);
  }
  item.Set("last_used", FormatTime(record.last_used));
  if (record.lost_at != WallTime()) {
    item.Set("lost_until", FormatTime(record.lost_at + greylist::kRevokedFor));
  }
  item.Set("expires", FormatTime(record.last_used + config.auto_allow_lifetime));
  return item;
}

Json EntryItem(const entries::Entry& entry) {
  Json item;
  item.Set("action", entry.action == entries::Action::kAllow ? "allow" : "block");
  item.Set("kind", WordOf(entry.kind)).Set("key", entry.key).Set("all", entry.all);
  item.Set("note", entry.note);
  item.Set("created", FormatTime(entry.created)).Set("updated", FormatTime(entry.updated));
  item.Set("expires", entry.expires ? Json(FormatTime(*entry.expires)) : Json());
  return item;
}

namespace {

// The epoch stands for never.
Json TimeJson(WallTime time) { return time == WallTime() ? Json() : Json(FormatTime(time)); }

StandingResult StandingNow(const ClientRecord& record, WallTime now) {
  return StandingOf(record, record.name_class == NameClass::kGood, now);
}

}  // namespace

std::string ClientText(const IpAddress& client) { return ClientNetwork(client).ToString(); }

std::string_view StandingName(const ClientRecord& record, WallTime now) {
  return WordOf(StandingNow(record, now).standing);
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
  item.Set("name_class", WordOf(record.name_class));
  item.Set("standing", WordOf(standing.standing)).Set("standing_detail", standing.detail);
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

Result<Json> LiveClientItem(const EngineParts& parts, const IpAddress& client, WallTime now) {
  MXWARD_TRY(const auto record, parts.history.Get(client));
  if (!record || IsExpired(*record, now, parts.config.Get()->clients.lifetime)) return Json();
  return ClientItem(ClientKey(parts.environment.hash_key(), client), *record, now);
}

}  // namespace mxward::control
