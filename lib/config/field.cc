// SPDX-License-Identifier: Apache-2.0
#include "config/field.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/value_text.h"

namespace mxward {
namespace {

TomlValue TextValue(std::string_view text) {
  TomlValue value;
  value.kind = TomlValue::Kind::kString;
  value.text = text;
  return value;
}

struct DefaultWriter {
  OptionText operator()(std::string_view text) const { return OptionText::Quoted(text); }
  OptionText operator()(bool flag) const { return OptionText::One(flag ? "true" : "false"); }
  OptionText operator()(std::int64_t integer) const {
    return OptionText::One(std::to_string(integer));
  }
  OptionText operator()(std::span<const std::string_view> items) const {
    std::vector<std::string> out;
    for (const std::string_view item : items) out.push_back(TomlQuote(item));
    return OptionText::List(std::move(out));
  }
  OptionText operator()(Prose prose) const { return OptionText::One(std::string(prose.text)); }
};

struct DefaultReader {
  std::optional<TomlValue> operator()(std::string_view text) const { return TextValue(text); }
  std::optional<TomlValue> operator()(bool flag) const {
    TomlValue value;
    value.kind = TomlValue::Kind::kBoolean;
    value.boolean = flag;
    return value;
  }
  std::optional<TomlValue> operator()(std::int64_t integer) const {
    TomlValue value;
    value.kind = TomlValue::Kind::kInteger;
    value.integer = integer;
    return value;
  }
  std::optional<TomlValue> operator()(std::span<const std::string_view> items) const {
    TomlValue value;
    value.kind = TomlValue::Kind::kArray;
    for (const std::string_view item : items) value.items.push_back(TextValue(item));
    return value;
  }
  std::optional<TomlValue> operator()(Prose) const { return std::nullopt; }
};

}  // namespace

OptionText OptionText::One(std::string item) {
  OptionText out;
  out.items.push_back(std::move(item));
  return out;
}

OptionText OptionText::Quoted(std::string_view text) { return One(TomlQuote(text)); }

OptionText OptionText::List(std::vector<std::string> items) {
  OptionText out;
  out.is_list = true;
  out.items = std::move(items);
  return out;
}

std::string OptionText::OneLine() const {
  if (empty()) return {};
  if (is_list) return fmt::format("[{}]", fmt::join(items, ", "));
  return is_table ? fmt::format("{{ {} }}", fmt::join(items, ", ")) : items.front();
}

void FieldReader::Problem(Place place, std::string_view message) {
  failed_ = true;
  problems_.push_back({place, fmt::format("{}: {}", field_.name, message)});
}

void FieldReader::WrongType(const TomlValue& value, bool secret) {
  Problem(value.place, fmt::format("needs {}, such as {}; found {}", field_.kind, field_.example,
                                   secret ? FoundType(value) : Found(value)));
}

void FieldReader::WrongItem(const TomlValue& list, const TomlValue& item) {
  if (&list == &item) return WrongType(item);
  Problem(item.place, fmt::format("needs {}, such as {}; found {} in it", field_.kind,
                                  field_.example, Found(item)));
}

void FieldReader::WrongWord(const TomlValue& value, std::span<const std::string_view> words) {
  Problem(value.place, fmt::format("must be {}; found {}{}", field_.kind, Found(value),
                                   DidYouMean(value.text, {words.begin(), words.end()})));
}

void FieldReader::OutOfRange(Place place, std::string_view min, std::string_view max,
                             std::string_view found) {
  Problem(place, fmt::format("must be from {} to {}; found {}", min, max, EscapeForLog(found, 60)));
}

bool FieldReader::WithinBounds(const TomlValue& value, std::int64_t min, std::int64_t max) {
  if (value.integer >= min && value.integer <= max) return true;
  OutOfRange(value.place, std::to_string(min), std::to_string(max), std::to_string(value.integer));
  return false;
}

void FieldReader::EmptyList(Place place) {
  Problem(place, fmt::format("must not be an empty list; {}", Such()));
}

std::string FieldReader::Such() const {
  return fmt::format("such as {} = {}", field_.key, field_.example);
}

OptionText DefaultText(const DefaultValue& value) { return std::visit(DefaultWriter(), value); }

std::optional<TomlValue> DefaultToml(const DefaultValue& value) {
  return std::visit(DefaultReader(), value);
}

}  // namespace mxward
