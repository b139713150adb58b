// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mxward {

// Where something stands in a file; both count from 1, columns in characters. 0 is "nowhere".
struct Place {
  int line = 0;
  int column = 0;
  auto operator<=>(const Place&) const = default;
};

// A problem at a place of the text; the name of the file is added later.
struct PlacedProblem {
  Place place;
  std::string message;
};

struct TomlEntry;

// A TOML value with its place: what the loader needs of the library's tree, so that the library's
// header stays in one file.
struct TomlValue {
  enum class Kind : std::uint8_t {
    kString,
    kInteger,
    kFloat,
    kBoolean,
    kDate,
    kArray,
    kTable,
  };
  Kind kind = Kind::kTable;
  Place place;
  std::string text;  // of a string; of a float, for messages
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<TomlValue> items;    // of an array
  std::vector<TomlEntry> entries;  // of a table, in the order of the file
};

struct TomlEntry {
  std::string key;
  Place place;  // of the key
  TomlValue value;
};

struct TomlDocument {
  TomlValue root;
  // What is not TOML. A line that holds nothing but one bad assignment is reported and passed over,
  // so that the rest of the file is looked at as well; anything worse leaves the root empty.
  std::vector<PlacedProblem> problems;
  bool readable = true;  // false: the root says nothing about the file
};

// Parses UTF-8 text. Throws nothing but std::bad_alloc. Thread-safe.
TomlDocument ParseToml(std::string_view text);

}  // namespace mxward
