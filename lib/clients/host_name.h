// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxward {

// A host's or domain's name as others say it, in the form of dns::CleanName(): lower case, without
// its trailing dot, an internationalised one in A-labels (see ToALabels()). Nothing for what these
// refuse, and for a number as the last label, because no top-level domain is one ("192.0.2.1" is
// an address, "2.1" a part of one). One label is enough.
// Underscores and hyphens may stand anywhere: hosts should not have them there (RFC 952), but do.
// Any bytes, any length. Pure.
std::optional<std::string> HostName(std::string_view text);

// Is name the domain, or below it? Nothing is below "". Both in lower case, without a trailing dot.
bool IsAtOrBelow(std::string_view name, std::string_view domain);

}  // namespace mxward
