// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.h"
#include "config/toml_document.h"

namespace mxward {

// One row for each thing that a configuration file may say: Field<Config> is an option of a
// [section], Field<LimitDraft> a key of [[limit]]. Parsing, bounds, defaults, dump-config, the
// difference of two configs, the sample file and the manual all read the row. It joins
// - a Member, which says where the value is stored in its owner, and
// - a kind (kinds.h), which says what it may be, and knows nothing of owners.
// Rows are constant data: usable from any thread.

// The way to one value of an owner. What is not set has no value.
template <class Owner, class T>
struct Member {
  void (*set)(Owner&, T);
  std::optional<T> (*get)(const Owner&);
};

namespace field_internal {

template <class T>
struct Unwrap {
  using Type = T;
};
template <class T>
struct Unwrap<std::optional<T>> {
  using Type = T;
};

template <class Owner, class T>
Owner OwnerOf(T Owner::*);

}  // namespace field_internal

// At<&Config::greylist, &GreylistConfig::delay>(); of a std::optional<T> it is what is in it.
template <auto kFirst, auto... kRest>
constexpr auto At() {
  using Owner = decltype(field_internal::OwnerOf(kFirst));
  using Stored = std::remove_cvref_t<decltype(((std::declval<Owner&>().*kFirst).*....*kRest))>;
  using T = typename field_internal::Unwrap<Stored>::Type;
  return Member<Owner, T>{
      [](Owner& owner, T value) { ((owner.*kFirst).*....*kRest) = std::move(value); },
      [](const Owner& owner) -> std::optional<T> { return ((owner.*kFirst).*....*kRest); }};
}

// A value in TOML: one item, several of a list, or the assignments of a table.
struct OptionText {
  bool is_list = false;
  std::vector<std::string> items;
  bool is_table = false;
  // Of a secret, what it is really, and of the files that it names, what is in them: shown by no
  // dump, but two values that differ in them differ.
  std::string secret = {};
  std::string file_digest = {};

  static OptionText One(std::string item);
  // A text, which a TOML file has in quotes.
  static OptionText Quoted(std::string_view text);
  static OptionText List(std::vector<std::string> items);
  // No value at all; a list without items is one.
  bool empty() const { return !is_list && items.empty(); }
  // "\"4m\"", "[\"name\", \"network\"]", "{ a = 1, b = 2 }"; "" of no value.
  std::string OneLine() const;
  bool operator==(const OptionText&) const = default;
};

// What is shown in place of a secret. A file that has it is refused.
inline constexpr std::string_view kHiddenKey = "<hidden>";

// What a message about a field needs to know of it.
struct FieldText {
  std::string name;  // "limit.rate"
  std::string_view key;
  std::string kind;     // "an integer from 1 to 100"
  std::string example;  // in TOML
};

// What a kind reads a value with: where it says what is wrong, and what else the file says.
class FieldReader {
 public:
  // config: as far as it has been read. Both outlive it.
  FieldReader(FieldText field, const Config& config, std::vector<PlacedProblem>& problems)
      : field_(std::move(field)), config_(config), problems_(problems) {}

  const Config& config() const { return config_; }
  // Whether it has said that anything is wrong.
  bool failed() const { return failed_; }

  // "limit.rate: MESSAGE"
  void Problem(Place place, std::string_view message);
  // "needs KIND, such as EXAMPLE; found the integer 3". secret: not even a mistake may be shown.
  void WrongType(const TomlValue& value, bool secret = false);
  // The same of an item of a list, which is the list itself where that is written without brackets.
  void WrongItem(const TomlValue& list, const TomlValue& item);
  // "must be KIND; found the text "x"; did you mean "y"?"
  void WrongWord(const TomlValue& value, std::span<const std::string_view> words);
  void OutOfRange(Place place, std::string_view min, std::string_view max, std::string_view found);
  // The integer is there already.
  bool WithinBounds(const TomlValue& value, std::int64_t min, std::int64_t max);
  // "must not be an empty list; such as port = [25]"
  void EmptyList(Place place);
  // "such as rate = \"300/1m\""
  std::string Such() const;

 private:
  FieldText field_;
  const Config& config_;
  std::vector<PlacedProblem>& problems_;
  bool failed_ = false;
};

// The values at the bounds of a kind, and next to them.
struct Edges {
  TomlValue below, min, max, above;
};

// A member and its kind, without their types.
template <class Owner>
class Slot {
 public:
  virtual ~Slot() = default;
  Slot() = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  // Sets the value, or says what is wrong with it, item by item.
  virtual void Read(const TomlValue& value, Owner& owner, FieldReader& reader) const = 0;
  // The canonical form: two owners differ in the field exactly when this differs.
  virtual OptionText Write(const Owner& owner) const = 0;
  // The value that it has in from, where it has one.
  virtual void Copy(const Owner& from, Owner& to) const = 0;
  virtual std::string Describe() const = 0;
  // nullopt: it has no bounds.
  virtual std::optional<Edges> edges() const = 0;
  // The words that it may be, or that may stand in it.
  virtual std::vector<std::string_view> words() const = 0;
};

template <class Owner>
using SlotPtr = std::shared_ptr<const Slot<Owner>>;

namespace field_internal {

template <class Owner, class T, class Kind>
class Bound final : public Slot<Owner> {
 public:
  Bound(Member<Owner, T> at, Kind kind) : at_(at), kind_(std::move(kind)) {}

  void Read(const TomlValue& value, Owner& owner, FieldReader& reader) const override {
    if (std::optional<T> read = kind_.Read(value, reader)) at_.set(owner, *std::move(read));
  }
  OptionText Write(const Owner& owner) const override {
    const std::optional<T> value = at_.get(owner);
    return value ? kind_.Write(*value) : OptionText();
  }
  void Copy(const Owner& from, Owner& to) const override {
    if (std::optional<T> value = at_.get(from)) at_.set(to, *std::move(value));
  }
  std::string Describe() const override { return kind_.Describe(); }
  std::optional<Edges> edges() const override {
    if constexpr (requires { kind_.edges(); }) return kind_.edges();
    return std::nullopt;
  }
  std::vector<std::string_view> words() const override {
    if constexpr (requires { kind_.words(); }) return kind_.words();
    return {};
  }

 private:
  Member<Owner, T> at_;
  Kind kind_;
};

}  // namespace field_internal

// A kind is a copyable class with
//   std::optional<T> Read(const TomlValue&, FieldReader&) const;  // nothing: it said what is wrong
//   OptionText Write(const T&) const;                              // which Read() reads back
//   std::string Describe() const;                                  // "an integer from 1 to 100"
// and perhaps edges() and words() of Slot.
template <class Owner, class T, class Kind>
SlotPtr<Owner> Bind(Member<Owner, T> at, Kind kind) {
  return std::make_shared<field_internal::Bound<Owner, T, Kind>>(at, std::move(kind));
}

// A default that other fields make, in words for the manual.
struct Prose {
  std::string_view text;
};

// As an administrator would write it; the string form without its quotes.
using DefaultValue =
    std::variant<std::string_view, bool, std::int64_t, std::span<const std::string_view>, Prose>;

enum class Applies : std::uint8_t { kOnReload, kOnRestart };

template <class Owner>
struct Field {
  std::string_view section;  // or the array; "" is the top of the file, before any [section]
  std::string_view key;
  SlotPtr<Owner> kind;
  DefaultValue default_value;
  Applies applies = Applies::kOnReload;
  // Plain sentences for the manual and the sample file, without markup.
  std::string_view description;
  // A value in TOML for the message about a wrong type; "": the default serves.
  std::string_view example = "";

  // "greylist.delay"
  std::string FullName() const {
    return section.empty() ? std::string(key) : std::string(section) + "." + std::string(key);
  }
};

// The default as the row writes it ("48h", where Write() says "2d").
OptionText DefaultText(const DefaultValue& value);
// nullopt: other fields make it.
std::optional<TomlValue> DefaultToml(const DefaultValue& value);

template <class Owner>
OptionText DefaultOf(const Field<Owner>& field) {
  return DefaultText(field.default_value);
}

template <class Owner>
FieldText TextOf(const Field<Owner>& field) {
  return {field.FullName(), field.key, field.kind->Describe(),
          field.example.empty() ? DefaultOf(field).OneLine() : std::string(field.example)};
}

// Reads a value into owner, or adds to problems what is wrong with it. config: the rest of the
// file.
template <class Owner>
void ReadField(const Field<Owner>& field, const TomlValue& value, Owner& owner,
               const Config& config, std::vector<PlacedProblem>& problems) {
  FieldReader reader(TextOf(field), config, problems);
  field.kind->Read(value, owner, reader);
}

// The default, as if it had been in the file. A unit test holds every default against its own kind.
template <class Owner>
void SetDefault(const Field<Owner>& field, Owner& owner) {
  const std::optional<TomlValue> value = DefaultToml(field.default_value);
  if (!value) return;
  std::vector<PlacedProblem> none;
  const Config nothing;
  ReadField(field, *value, owner, nothing, none);
}

// nullptr: there is no such key.
template <class Owner>
const Field<Owner>* FindField(std::span<const Field<Owner>> fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field<Owner>& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

template <class Owner>
std::vector<std::string_view> KeysOf(std::span<const Field<Owner>> fields) {
  std::vector<std::string_view> keys;
  for (const Field<Owner>& field : fields) keys.push_back(field.key);
  return keys;
}

// A row for people: the manual and the sample file are made of these.
struct FieldDoc {
  std::string_view key;
  std::string kind;
  OptionText default_value;  // or prose
  std::string_view example;
  std::string_view description;
  bool needs_restart = false;
};

template <class Owner>
FieldDoc DocOf(const Field<Owner>& field) {
  return {field.key,     field.kind->Describe(), DefaultOf(field),
          field.example, field.description,      field.applies == Applies::kOnRestart};
}

}  // namespace mxward
