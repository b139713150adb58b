// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace mxward {

struct JsonMember;

// A JSON value: what the API answers is built of these, and the command line reads them. Members
// keep their order. A value type; const use from several threads is safe.
class Json {
 public:
  Json() noexcept;  // null
  Json(std::integral auto value)
      : Json(static_cast<std::int64_t>(value), std::same_as<decltype(value), bool>) {}
  Json(double value);
  Json(std::string value);
  Json(std::string_view value);
  Json(const char* value);
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  static Json Array();
  static Json Object();

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_text() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<std::vector<Json>>(value_); }
  bool is_object() const { return std::holds_alternative<std::vector<JsonMember>>(value_); }

  // What a value of another type gives: "", 0, false, nothing.
  const std::string& text() const;
  std::int64_t integer() const;
  bool boolean() const;
  const std::vector<Json>& items() const;
  const std::vector<JsonMember>& members() const;
  // The member of that name; null when there is none, or this is not an object.
  const Json& operator[](std::string_view name) const;

  // Appends a member, whether there is one of that name or not. A null becomes an object.
  Json& Set(std::string name, Json value);
  // Appends an item. A null becomes an array.
  Json& Push(Json item);

  // JSON text in valid UTF-8, whatever bytes the strings hold: a byte that is not UTF-8 becomes
  // \u00HH.
  std::string Dump() const;
  // The same for people, two blanks a level.
  std::string DumpIndented() const;

 private:
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                             std::vector<Json>, std::vector<JsonMember>>;
  explicit Json(Value value);
  Json(std::int64_t value, bool is_flag);
  void Append(std::string& out, int indent) const;

  Value value_;
};

struct JsonMember {
  std::string name;
  Json value;
};

// kInvalid for what is not JSON, or nested deeper than 32 levels.
Result<Json> ParseJson(std::string_view text);

}  // namespace mxward
