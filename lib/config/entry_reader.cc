// SPDX-License-Identifier: Apache-2.0
#include "config/entry_reader.h"

namespace mxward {

using Kind = TomlValue::Kind;

Place Places::Of(std::string_view key) const {
  const TomlEntry* entry = Find(key);
  return entry == nullptr ? table_.place : entry->value.place;
}

const TomlEntry* Places::Find(std::string_view key) const {
  const auto found = std::find_if(table_.entries.begin(), table_.entries.end(),
                                  [&](const TomlEntry& entry) { return entry.key == key; });
  return found == table_.entries.end() ? nullptr : &*found;
}

void KeyReader::Problem(Place place, std::string_view message) {
  problems_.push_back({place, fmt::format("{}.{}: {}", array_, key_, message)});
}

void KeyReader::WrongType(const TomlValue& value, bool secret) {
  Problem(value.place, fmt::format("needs {}, such as {}; found {}", kind_, example_,
                                   secret ? FoundType(value) : Found(value)));
}

std::optional<std::string> KeyReader::Text(const TomlValue& value, CheckText check, bool secret) {
  if (value.kind != Kind::kString) {
    WrongType(value, secret);
    return std::nullopt;
  }
  auto text = check(value.text);
  if (text) return *std::move(text);
  Problem(value.place, text.error().message);
  return std::nullopt;
}

std::optional<bool> KeyReader::Flag(const TomlValue& value) {
  if (value.kind == Kind::kBoolean) return value.boolean;
  Problem(value.place, "needs true or false, without quotes; found " + Found(value));
  return std::nullopt;
}

std::optional<int> KeyReader::WithinBounds(const TomlValue& value, int min, int max) {
  if (value.integer >= min && value.integer <= max) return static_cast<int>(value.integer);
  Problem(value.place, fmt::format("must be from {} to {}; found {}", min, max, value.integer));
  return std::nullopt;
}

std::optional<std::size_t> KeyReader::Word(const TomlValue& value,
                                           std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), value.text);
  if (value.kind == Kind::kString && found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  Problem(value.place, fmt::format("must be {}; found {}{}", kind_, Found(value),
                                   DidYouMean(value.text, {words.begin(), words.end()})));
  return std::nullopt;
}

std::vector<const TomlValue*> TablesOf(const TomlEntry& entry, const ArrayWords& words,
                                       std::vector<PlacedProblem>& problems) {
  const auto no_table = [&](Place place) {
    problems.push_back(
        {place,
         fmt::format("{0} is a list of sections: write [[{0}]], in double brackets, above each {1}",
                     words.name, words.one)});
  };
  std::vector<const TomlValue*> out;
  if (entry.value.kind != Kind::kArray) {
    no_table(entry.place);
    return out;
  }
  for (const TomlValue& table : entry.value.items) {
    if (table.kind == Kind::kTable) {
      out.push_back(&table);
    } else {
      no_table(table.place);
    }
  }
  if (out.size() > words.max) {
    problems.push_back({entry.place, fmt::format("there are {} {}; at most {} are allowed",
                                                 out.size(), words.many, words.max)});
  }
  return out;
}

void SameName(const ArrayWords& words, std::string_view name, Place place, Place other,
              std::vector<PlacedProblem>& problems) {
  problems.push_back({place, fmt::format("{}.name: another {}, in line {}, is called {} as well; "
                                         "give one of them another name = \"...\"",
                                         words.name, words.one, other.line, Quoted(name))});
}

}  // namespace mxward
