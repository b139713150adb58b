// SPDX-License-Identifier: Apache-2.0
#include "control/json.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace mxward {
namespace {

template <class T>
const T& GetOr(const auto& value, const T& otherwise) {
  const T* found = std::get_if<T>(&value);
  return found != nullptr ? *found : otherwise;
}

void AppendText(std::string& out, std::string_view text) {
  out += '"';
  AppendJsonEscaped(out, text);
  out += '"';
}

// A new line at this level; nothing in the compact form, whose indent is negative.
void AppendBreak(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

}  // namespace

// Here and not in the header: there JsonMember is not complete yet.
Json::Json() noexcept = default;
Json::Json(std::int64_t value, bool is_flag) {
  if (is_flag) {
    value_ = value != 0;
  } else {
    value_ = value;
  }
}
Json::Json(double value) : value_(value) {}
Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(std::string_view value) : value_(std::string(value)) {}
Json::Json(const char* value) : value_(std::string(value)) {}
Json::Json(Value value) : value_(std::move(value)) {}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json Json::Array() { return Json(Value(std::vector<Json>())); }

Json Json::Object() { return Json(Value(std::vector<JsonMember>())); }

const std::string& Json::text() const {
  static const std::string empty;
  return GetOr(value_, empty);
}

std::int64_t Json::integer() const {
  if (const double* number = std::get_if<double>(&value_)) {
    return std::abs(*number) < 9e18 ? static_cast<std::int64_t>(*number) : 0;
  }
  return GetOr(value_, std::int64_t{0});
}

bool Json::boolean() const { return GetOr(value_, false); }

const std::vector<Json>& Json::items() const {
  static const std::vector<Json> none;
  return GetOr(value_, none);
}

const std::vector<JsonMember>& Json::members() const {
  static const std::vector<JsonMember> none;
  return GetOr(value_, none);
}

const Json& Json::operator[](std::string_view name) const {
  static const Json null;
  for (const JsonMember& member : members()) {
    if (member.name == name) return member.value;
  }
  return null;
}

Json& Json::Set(std::string name, Json value) {
  if (is_null()) value_ = std::vector<JsonMember>();
  std::get<std::vector<JsonMember>>(value_).push_back({std::move(name), std::move(value)});
  return *this;
}

Json& Json::Push(Json item) {
  if (is_null()) value_ = std::vector<Json>();
  std::get<std::vector<Json>>(value_).push_back(std::move(item));
  return *this;
}

std::string Json::Dump() const {
  std::string out;
  Append(out, -1);
  return out;
}

std::string Json::DumpIndented() const {
  std::string out;
  Append(out, 0);
  return out;
}

void Json::Append(std::string& out, int indent) const {
  const int inner = indent < 0 ? indent : indent + 1;
  if (const bool* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else if (const std::int64_t* integer = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*integer);
  } else if (const double* number = std::get_if<double>(&value_)) {
    // JSON has neither infinities nor NaN.
    out += std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  } else if (is_text()) {
    AppendText(out, text());
  } else if (is_array()) {
    out += '[';
    for (const Json& item : items()) {
      if (&item != &items().front()) out += ',';
      AppendBreak(out, inner);
      item.Append(out, inner);
    }
    if (!items().empty()) AppendBreak(out, indent);
    out += ']';
  } else if (is_object()) {
    out += '{';
    for (const JsonMember& member : members()) {
      if (&member != &members().front()) out += ',';
      AppendBreak(out, inner);
      AppendText(out, member.name);
      out += indent < 0 ? ":" : ": ";
      member.value.Append(out, inner);
    }
    if (!members().empty()) AppendBreak(out, indent);
    out += '}';
  } else {
    out += "null";
  }
}

}  // namespace mxward
