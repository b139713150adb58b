// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "config/entry_array.h"

namespace mxward {
namespace {

constexpr std::string_view kForm = "write OPTION=VALUE, such as score.tls_none=0";

std::size_t EqualsIn(std::string_view change) {
  // A quoted name may contain one.
  bool quoted = false;
  for (std::size_t i = 0; i < change.size(); ++i) {
    if (change[i] == '"') quoted = !quoted;
    if (change[i] == '=' && !quoted) return i;
  }
  return std::string_view::npos;
}

std::string Quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

void MoveTo(Place place, TomlValue& value) {
  value.place = place;
  for (TomlValue& item : value.items) MoveTo(place, item);
  for (TomlEntry& entry : value.entries) {
    entry.place = place;
    MoveTo(place, entry.value);
  }
}

// The tree of one option, which has one entry at each level down to the value.
Result<TomlValue> ParseChange(std::string_view change) {
  const std::size_t equals = EqualsIn(change);
  if (equals == std::string_view::npos) return Fail(ErrorCode::kInvalid, std::string(kForm));
  const std::string_view key = Trim(change.substr(0, equals));
  const std::string_view value = Trim(change.substr(equals + 1));
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (key.empty() || value.empty() || std::any_of(change.begin(), change.end(), control)) {
    return Fail(ErrorCode::kInvalid, std::string(kForm));
  }
  const auto parse = [&key](std::string_view text) {
    return ParseToml(std::string(key) + " = " + std::string(text) + "\n");
  };
  TomlDocument document = parse(value);
  const char first = value.front();
  const bool as_toml = first == '"' || first == '\'' || first == '[' || first == '{';
  if (!document.problems.empty() && !as_toml) document = parse(Quoted(value));
  if (!document.problems.empty()) {
    return Fail(ErrorCode::kInvalid, document.problems.front().message);
  }
  return std::move(document.root);
}

TomlEntry* Find(TomlValue& table, std::string_view key) {
  const auto found = std::find_if(table.entries.begin(), table.entries.end(),
                                  [&](const TomlEntry& entry) { return entry.key == key; });
  return found == table.entries.end() ? nullptr : &*found;
}

bool IsTable(const TomlValue& value) { return value.kind == TomlValue::Kind::kTable; }

void Merge(TomlEntry change, TomlValue& table) {
  TomlEntry* place = Find(table, change.key);
  if (place == nullptr) {
    table.entries.push_back(std::move(change));
    return;
  }
  if (IsTable(place->value) && IsTable(change.value)) {
    for (TomlEntry& entry : change.value.entries) Merge(std::move(entry), place->value);
    return;
  }
  *place = std::move(change);
}

// What an entry of an array is called: a DNS list without a name by its profile or zone.
std::string_view NameOf(TomlValue& item) {
  for (const char* key : {"name", "profile", "zone"}) {
    const TomlEntry* name = Find(item, key);
    if (name != nullptr && name->value.kind == TomlValue::Kind::kString) return name->value.text;
  }
  return {};
}

// [[dnsbl]] entries by their names.
Result<void> MergeIntoArray(TomlEntry change, TomlValue& root) {
  TomlEntry* array = Find(root, change.key);
  for (TomlEntry& named : change.value.entries) {
    TomlValue* target = nullptr;
    if (array != nullptr) {
      for (TomlValue& item : array->value.items) {
        if (EqualsNoCase(NameOf(item), named.key)) target = &item;
      }
    }
    if (target == nullptr) {
      return Fail(ErrorCode::kInvalid, fmt::format("no [[{}]] is called \"{}\"", change.key,
                                                   EscapeForLog(named.key, 60)));
    }
    if (!IsTable(named.value)) {
      return Fail(ErrorCode::kInvalid,
                  fmt::format("write {}.NAME.OPTION=VALUE", EscapeForLog(change.key, 60)));
    }
    for (TomlEntry& entry : named.value.entries) Merge(std::move(entry), *target);
  }
  return {};
}

}  // namespace

std::string NameOfChange(std::string_view change) {
  return EscapeForLog(Trim(change.substr(0, EqualsIn(change))), 80);
}

void MergeChanges(const std::vector<std::string>& changes, TomlValue& root,
                  std::vector<PlacedProblem>& problems) {
  Place place{kFirstChangeLine, 0};
  for (const std::string& change : changes) {
    auto tree = ParseChange(change);
    Result<void> merged;
    if (!tree) {
      merged = Fail(tree.error());
    } else {
      MoveTo(place, *tree);
      for (TomlEntry& entry : tree->entries) {
        if (FindEntryArray(entry.key) != nullptr && IsTable(entry.value)) {
          merged = MergeIntoArray(std::move(entry), root);
        } else {
          Merge(std::move(entry), root);
        }
      }
    }
    if (!merged) problems.push_back({place, merged.error().message});
    ++place.line;
  }
}

}  // namespace mxward
