// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mxward {

// An internationalised domain as the DNS knows it: "m\xc3\xbcller.example" is
// "xn--mller-kva.example". IDNA2008 (RFC 5891) after the nontransitional mapping of UTS #46: case,
// composition and width of the characters do not count, an ideographic full stop is a dot, and
// sharp s stays what it is.
//
// Nothing for a domain of ASCII alone: there is nothing to convert. Nothing for what cannot be
// converted either: other bytes than UTF-8, a NUL, characters that no domain has, a label or a name
// that becomes too long, more than a_labels::kMaxInput bytes. The result is lower case, but need
// not be a name that can be asked: see dns::CleanName(). Any bytes, any length. Thread-safe, pure.
std::optional<std::string> ToALabels(std::string_view domain);

namespace a_labels {
// Of UTF-8: 253 bytes of A-labels stand for fewer.
constexpr std::size_t kMaxInput = 1000;
}  // namespace a_labels

}  // namespace mxward
