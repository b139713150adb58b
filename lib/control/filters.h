// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "config/config.h"
#include "control/items.h"
#include "control/params.h"
#include "greylist/record.h"

namespace mxward::control {

// Which mail addresses a person means: "user@example.org" that address, "*@example.org" all of that
// domain, "example.org" all of that domain and of those below it, "<>" the null sender. In any
// spelling (base/canonical_address.h). Value type.
class AddressPattern {
 public:
  static Result<AddressPattern> Parse(std::string_view text);
  static AddressPattern Address(std::string_view address);
  static AddressPattern DomainAndBelow(std::string_view domain);

  // Of an address as it was given.
  bool Matches(std::string_view address) const;

 private:
  enum class Kind { kAddress, kDomain, kDomainAndBelow };
  AddressPattern(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

  Kind kind_;
  std::string text_;  // canonical
};

// The domain of an address in its canonical form; "" without one.
std::string DomainOf(std::string_view address);

// Parameters by which listings are narrowed down; nothing when they are absent. Errors name the
// parameter.
template <class Condition>
Result<std::optional<Condition>> ConditionOf(const Params& params, std::string_view name) {
  const auto text = params.Text(name);
  if (!text) return std::optional<Condition>();
  auto condition = Condition::Parse(*text);
  if (!condition) return Fail(std::string(name), condition.error());
  return std::optional<Condition>(*std::move(condition));
}

// An address or a network.
inline auto PrefixOf(const Params& params, std::string_view name) {
  return ConditionOf<Prefix>(params, name);
}
inline auto PatternOf(const Params& params, std::string_view name) {
  return ConditionOf<AddressPattern>(params, name);
}

// Which tuples a listing shows: all conditions have to hold. Records that store no addresses
// (greylist.privacy, folded ones) match no condition about what they do not store. Value type.
struct TupleFilter {
  // The parameters that Parse() reads: state (pending, passed, expired), progress (waiting,
  // overdue, never), client (an address or a prefix), sender and recipient (AddressPattern),
  // older_than and younger_than (a duration, compared with the time since the tuple was last seen).
  static constexpr std::string_view kState = "state";
  static constexpr std::string_view kProgress = "progress";
  static constexpr std::string_view kClient = "client";
  static constexpr std::string_view kSender = "sender";
  static constexpr std::string_view kRecipient = "recipient";
  static constexpr std::string_view kOlderThan = "older_than";
  static constexpr std::string_view kYoungerThan = "younger_than";

  static Result<TupleFilter> Parse(const Params& params);
  bool Matches(const greylist::TupleRecord& record, WallTime now,
               const GreylistConfig& config) const;

  std::optional<TupleState> state;
  std::optional<Progress> progress;
  std::optional<Prefix> client;
  std::optional<AddressPattern> sender;
  std::optional<AddressPattern> recipient;
  std::optional<Seconds> older_than;
  std::optional<Seconds> younger_than;
};

}  // namespace mxward::control
