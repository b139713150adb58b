// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "base/client_network.h"
#include "base/text.h"
#include "base/units.h"
#include "control/items.h"
#include "control/route.h"
#include "control/slice.h"
#include "entries/key_check.h"
#include "policy/trust.h"

namespace mxward::control {
namespace {

using entries::Action;
using entries::Entry;
using entries::Kind;
using store::Table;

constexpr std::size_t kMaxNote = 512;
constexpr std::size_t kEntryBytes = 300;

// Whose allow entries apply to all checks. An account is proven, where a sender can be anybody.
bool AllowsAll(Kind kind) {
  return kind == Kind::kClient || kind == Kind::kClientName || kind == Kind::kSpfOf ||
         kind == Kind::kAccount;
}

// What an administrator may not expect.
Json Notices(const Entry& entry, const Config& config) {
  Json notices = Json::Array();
  if (entry.kind != Kind::kClient) return notices;
  const auto prefix = Prefix::Parse(entry.key);
  if (!prefix) return notices;
  const Prefix client = ClientNetwork(prefix->address());
  if (prefix->length() > client.length()) {
    notices.Push(entry.key + " is a part of " + client.ToString() +
                 ", which is one client: it may also connect from the rest of it");
  }
  if (!prefix->IsHost()) return notices;
  SessionFacts session;
  session.client = prefix->address();
  switch (policy::TrustOf(session, MessageFacts(), config.trust)) {
    case policy::Trust::kNetwork:
      notices.Push(entry.key + " is in trust.networks: it is never checked, whatever entries say");
      break;
    case policy::Trust::kRelay:
      notices.Push(entry.key + " is in trust.relays: entries about the client do not apply to it");
      break;
    case policy::Trust::kAuthenticated:
    case policy::Trust::kCertificate:
    case policy::Trust::kNone:
      break;
  }
  return notices;
}

Result<Entry> EntryOf(const Params& params, const Config& config, WallTime now) {
  const auto action = params.Word<Action>("action");
  if (!action) return Fail(action.error());
  if (!*action) return Fail(ErrorCode::kInvalid, "action: must be allow or block");
  const auto kind = ParseKindParam(params);
  if (const auto key = params.Text("key"); kind && *kind && key) {
    const auto can_match = entries::CheckKeyCanMatch(**kind, *key);
    if (!can_match) return Fail("key", can_match.error());
  }
  MXWARD_TRY(auto about, ParseEntryKey(params, config));
  if (about.kind == Kind::kClient) {
    const auto prefix = Prefix::Parse(about.key);
    if (prefix && IsOfTranslator(*prefix, config.clients.nat64)) {
      return Fail(ErrorCode::kInvalid, "key: " + OfTranslatorText(*prefix));
    }
  }
  MXWARD_TRY(const auto lasts, params.Duration("for"));
  const auto all = params.Flag("all");
  if (!all) return Fail(all.error());

  Entry entry;
  entry.kind = about.kind;
  entry.key = std::move(about.key);
  entry.action = **action;
  entry.all = *all;
  entry.note = params.Text("note").value_or("");
  entry.created = entry.updated = now;
  if (lasts) entry.expires = now + *lasts;
  if (lasts && *lasts == Seconds(0)) return Fail(ErrorCode::kInvalid, "for: must be longer than 0");
  if (entry.all && (entry.action == Action::kBlock || AllowsAll(entry.kind))) {
    return Fail(ErrorCode::kInvalid,
                "all: is only valid for an allow entry about a sender or recipient; allow entries "
                "about clients, spf-of and account, and block entries apply to all checks anyway");
  }
  if (entry.note.size() > kMaxNote) {
    return Fail(ErrorCode::kInvalid, "note: must not exceed 512 bytes");
  }
  return entry;
}

}  // namespace

Result<std::optional<Kind>> ParseKindParam(const Params& params) {
  return params.Word<Kind>("kind");
}

Result<EntryKey> ParseEntryKey(const Params& params, const Config& config) {
  const auto kind = ParseKindParam(params);
  if (!kind) return Fail(kind.error());
  if (!*kind) return Fail(ErrorCode::kInvalid, "the parameter \"kind\" is missing");
  MXWARD_TRY(const auto text, params.NeededText("key"));
  auto key = entries::CanonicalKey(**kind, text, config.clients.nat64);
  if (!key) return Fail("key", key.error());
  return EntryKey{**kind, *std::move(key)};
}

Result<std::optional<Entry>> FindEntry(store::Environment& environment, const EntryKey& about) {
  MXWARD_TRY(auto read, environment.Read());
  MXWARD_TRY(const auto bytes, read.Get(Table::kEntries, entries::StoreKey(environment.hash_key(),
                                                                           about.kind, about.key)));
  if (!bytes) return std::optional<Entry>();
  auto entry = entries::Decode(about.kind, *bytes);
  if (!entry || entry->forgotten) return std::optional<Entry>();
  return entry;
}

namespace {

Answer GetEntries(const Call& call) {
  MXWARD_TRY(const auto action, call.params.Word<Action>("action"));
  MXWARD_TRY(const auto kind, ParseKindParam(call.params));
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  const auto after = call.params.Text("after");
  MXWARD_TRY(auto cursor, after ? Cursor::Parse(*after, 1) : Result<Cursor>(Cursor()));

  SliceBudget budget;
  budget.items = static_cast<std::size_t>(limit);
  Json items = Json::Array();
  const auto next =
      WalkSlice(call.parts.environment, {Table::kEntries}, std::move(cursor), budget,
                [&](std::size_t /*table*/, std::string_view key, std::string_view value) {
                  if (key.empty()) return;
                  const auto entry = entries::Decode(static_cast<Kind>(key[0]), value);
                  if (!entry || !entries::InForce(*entry, call.now)) return;
                  if (kind && entry->kind != *kind) return;
                  if (action && entry->action != *action) return;
                  budget.Take(kEntryBytes + entry->key.size() + entry->note.size());
                  items.Push(EntryItem(*entry));
                });
  if (!next) return Fail(next.error());
  Json answer;
  answer.Set("items", std::move(items)).Set("next", CursorJson(*next));
  return answer;
}

Answer PutEntry(const Call& call) {
  auto entry = EntryOf(call.params, *call.config, call.now);
  if (!entry) return Fail(entry.error());
  MXWARD_TRY(const auto old, FindEntry(call.parts.environment, {entry->kind, entry->key}));
  if (old) entry->created = old->created;
  MXWARD_TRY(call.parts.entries.Put(*entry));

  Json item = EntryItem(*entry);
  const bool show_key = call.config->log.addresses == LogAddresses::kFull;
  LogChange(call, item["action"].text() + " " + item["kind"].text() +
                      (show_key ? " " + EscapeForLog(entry->key) : "") +
                      (entry->all ? " for all checks" : "") +
                      (entry->expires ? " until " + FormatTime(*entry->expires) : ""));
  Json answer;
  answer.Set("entry", std::move(item));
  answer.Set("replaced", old && entries::InForce(*old, call.now) ? EntryItem(*old) : Json());
  answer.Set("notices", Notices(*entry, *call.config));
  return answer;
}

Answer DeleteEntry(const Call& call) {
  const auto about = ParseEntryKey(call.params, *call.config);
  if (!about) return Fail(about.error());
  MXWARD_TRY(const auto old, FindEntry(call.parts.environment, *about));
  if (!old) {
    return Fail(ErrorCode::kNotFound, "there is no entry about " +
                                          std::string(WordOf(about->kind)) + " " +
                                          EscapeForLog(about->key));
  }
  MXWARD_TRY(call.parts.entries.Forget(about->kind, about->key));
  const bool show_key = call.config->log.addresses == LogAddresses::kFull;
  LogChange(call, "entry removed about " + std::string(WordOf(about->kind)) +
                      (show_key ? " " + EscapeForLog(about->key) : ""));
  Json answer;
  answer.Set("entry", EntryItem(*old));
  return answer;
}

}  // namespace

Routes EntriesRoutes() {
  static constexpr std::array<std::string_view, 4> kEntriesParams = {"kind", "action", "limit",
                                                                     "after"};
  static constexpr std::array<std::string_view, 6> kPutEntryParams = {"action", "kind", "key",
                                                                      "for",    "all",  "note"};
  static constexpr std::array<std::string_view, 2> kDeleteEntryParams = {"kind", "key"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/entries", kEntriesParams, Access::kReads, &GetEntries},
      Route{"PUT", "/v1/entries", kPutEntryParams, Access::kWrites, &PutEntry},
      Route{"DELETE", "/v1/entries", kDeleteEntryParams, Access::kWrites, &DeleteEntry},
  };
  return kRoutes;
}

}  // namespace mxward::control
