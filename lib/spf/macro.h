// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace mxward::spf {

// Macros (RFC 7208 section 7): "%{ir}.%{l1r-}._spf.%{d}". All functions are pure and take any
// bytes; what they return is bounded, whatever a record and an envelope hold.

// What the letters stand for. Views: the owner outlives the expansion.
struct MacroValues {
  std::string_view local_part{};     // %{l}, and of %{s}
  std::string_view sender_domain{};  // %{o}, and of %{s}
  std::string_view domain{};         // %{d}: whose record is evaluated just now
  std::string_view helo{};           // %{h}
  std::string_view valid_name{};     // %{p}: the client's validated name, or "unknown"
  IpAddress client{};                // %{i} and %{v}
};

// Whether the text is a macro-string (section 7.1) as it stands in records: %{c}, %{r} and %{t} are
// for explanations alone. Fails with kInvalid: what is wrong, for people.
Result<void> CheckMacroString(std::string_view text);

// Whether the text is a domain-spec: a macro-string that ends in a macro or in a dot and a top
// label, which may have a dot after it. one_label: a name without dots is one, too (an intranet's).
Result<void> CheckDomainSpec(std::string_view text, bool one_label);

// Whether there is any macro in it; and whether one of them needs the client's validated name.
bool HasMacro(std::string_view text);
bool NeedsValidName(std::string_view text);
// Whether a macro in it is about more than a domain: the client, HELO or the sender's local part.
bool DependsOnSession(std::string_view text);

// The name that a domain-spec stands for: macros expanded (capital letters: URL-escaped), lower
// case, without the dot at its end, labels taken away on the left until no more than 253 bytes are
// left (section 7.3). It need not be a name that exists or can be asked for: see IsDomainName().
// REQUIRES: CheckDomainSpec(spec)
std::string ExpandDomain(std::string_view spec, const MacroValues& values);

// Labels of 1 to 63 bytes, whatever is in them, at most 253 in all: what the DNS could know
// (RFC 1035 section 2.3.4).
bool IsDomainName(std::string_view name);

}  // namespace mxward::spf
