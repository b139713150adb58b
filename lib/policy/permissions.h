// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "policy/facts.h"

namespace mxward::policy {

// What SPF (RFC 7208) says to rules, entries and limits. It decides these alone: nothing of it is
// in a score (that has Evidence::spf), so that who asks changes nothing. Values.
struct Permissions {
  enum class State : std::uint8_t {
    kNotAsked,
    kUnknown,  // nobody could be asked, or nobody said so in time: matches nothing
    kKnown,
  };
  struct Answer {
    State state = State::kNotAsked;
    SpfResult result = SpfResult::kNone;  // of kKnown

    bool Is(SpfResult one) const { return state == State::kKnown && result == one; }
  };
  // Of the client for the sender's domain, or of the null sender for its HELO.
  Answer sender;
  // Of the client for a domain's record, whoever the sender is.
  std::map<std::string, Answer, std::less<>> domains;

  Answer Of(std::string_view domain) const;
};

// What of it somebody has to know.
struct PermissionRequest {
  bool sender = false;
  std::vector<std::string> domains = {};

  bool empty() const { return !sender && domains.empty(); }
};

// Whose mail it is if SPF passes for the domain of the envelope sender: the customer of the service
// whose domain it is (match/accounts.h), or else the organisational domain, "example.org". "":
// nobody is known by it. Pure.
std::string AccountBySpf(std::string_view sender);

// Whose mail it would be if that was proven. "" for somebody trusted: that is another one's. Pure.
std::string PossibleAccount(const Facts& facts);
// Whose mail it is; "" when nobody's, or not proven; nothing: permissions.sender could prove it,
// and has not been asked for. Pure.
std::optional<std::string> AccountOf(const Facts& facts, const Permissions& permissions);

}  // namespace mxward::policy
