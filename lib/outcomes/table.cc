// SPDX-License-Identifier: Apache-2.0
#include "outcomes/table.h"

#include <map>
#include <utility>

namespace mxward::outcomes {
namespace {

using store::Table;

// With 35 days of them the table stays below 10 MB.
constexpr std::size_t kMostOrganisations = 500;
constexpr std::size_t kMostFindings = 64;
constexpr std::size_t kMostPairs = 256;
constexpr std::size_t kMostMissed = 200;
constexpr std::size_t kMostNewClients = 300;

// How many names of a kind a day has so far; counted once an operation.
class Room {
 public:
  explicit Room(const store::WriteTransaction& transaction) : transaction_(transaction) {}

  // Whether there is room for one name more, which it then takes.
  Result<bool> Take(const Key& key) {
    const std::size_t most = MostNames(key.kind);
    auto known = taken_.find({key.day, key.kind});
    if (known == taken_.end()) {
      const std::string prefix = Key{key.day, key.kind, ""}.Encode();
      std::size_t count = 0;
      MXWARD_TRY(transaction_.Scan(Table::kOutcomes, prefix,
                                   [&](std::string_view bytes, std::string_view) {
                                     if (!bytes.starts_with(prefix)) return false;
                                     if (bytes.size() > prefix.size()) ++count;
                                     return count < most;
                                   }));
      known = taken_.emplace(std::pair{key.day, key.kind}, count).first;
    }
    if (known->second >= most) return false;
    ++known->second;
    return true;
  }

 private:
  const store::WriteTransaction& transaction_;
  std::map<std::pair<Day, Kind>, std::size_t> taken_;
};

}  // namespace

std::size_t MostNames(Kind kind) {
  switch (kind) {
    case Kind::kTotals:
      return 0;
    case Kind::kOrganisation:
      return kMostOrganisations;
    case Kind::kFinding:
      return kMostFindings;
    case Kind::kPair:
      return kMostPairs;
    case Kind::kMissed:
      return kMostMissed;
    case Kind::kNewFinding:
      return kMostFindings;
    case Kind::kNewClient:
      return kMostNewClients;
  }
  return 0;
}

Result<void> AddRows(store::WriteTransaction& transaction, const Rows& rows) {
  std::vector<Rows::const_pointer> items;
  items.reserve(rows.size());
  for (const auto& item : rows) items.push_back(&item);
  return AddRows(transaction, items);
}

Result<void> AddRows(store::WriteTransaction& transaction,
                     const std::vector<Rows::const_pointer>& rows) {
  Room room(transaction);
  for (const auto* item : rows) {
    const auto& [key, row] = *item;
    std::string bytes = key.Encode();
    auto stored = transaction.Get(Table::kOutcomes, bytes);
    if (!stored) return Fail(stored.error());
    if (!*stored && !key.name.empty()) {
      MXWARD_TRY(const auto taken, room.Take(key));
      if (!taken) {
        bytes = Key{key.day, key.kind, ""}.Encode();
        stored = transaction.Get(Table::kOutcomes, bytes);
        if (!stored) return Fail(stored.error());
      }
    }
    Row next = *stored ? Row::Decode(**stored).value_or(Row()) : Row();
    next.Add(key.kind, row);
    MXWARD_TRY(transaction.Put(Table::kOutcomes, bytes, next.Encode()));
  }
  return {};
}

Result<Rows> ReadDay(store::Environment& environment, Day day) {
  Rows rows;
  MXWARD_TRY(auto read, environment.Read());
  const std::string from = Key{day, Kind::kTotals, ""}.Encode();
  MXWARD_TRY(read.Scan(Table::kOutcomes, from, [&](std::string_view bytes, std::string_view value) {
    auto key = Key::Decode(bytes);
    if (!key) return true;
    if (key->day != day) return false;
    if (const auto row = Row::Decode(value)) rows.emplace_hint(rows.end(), *std::move(key), *row);
    return true;
  }));
  return rows;
}

Result<std::optional<Day>> FirstDay(store::Environment& environment) {
  std::optional<Day> first;
  MXWARD_TRY(auto read, environment.Read());
  MXWARD_TRY(read.Scan(Table::kOutcomes, "", [&](std::string_view bytes, std::string_view) {
    const auto key = Key::Decode(bytes);
    if (key) first = key->day;
    return !key;
  }));
  return first;
}

store::Operation RemoveRows(std::vector<std::string> keys) {
  return [keys = std::move(keys)](store::WriteTransaction& transaction) -> Result<void> {
    for (const std::string& key : keys) {
      MXWARD_TRY(transaction.Delete(Table::kOutcomes, key));
    }
    return {};
  };
}

Result<std::vector<std::string>> FindRows(store::Environment& environment,
                                          const std::function<bool(const Key& key)>& wanted) {
  std::vector<std::string> keys;
  MXWARD_TRY(auto read, environment.Read());
  MXWARD_TRY(read.Scan(Table::kOutcomes, "", [&](std::string_view bytes, std::string_view) {
    const auto key = Key::Decode(bytes);
    if (key && wanted(*key)) keys.emplace_back(bytes);
    return true;
  }));
  return keys;
}

}  // namespace mxward::outcomes
