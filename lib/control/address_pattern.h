// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

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

}  // namespace mxward::control
