// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mxward {

// What the texts of a [[dnsbl]] entry may be, as in checks.h. Pure.

// The name of a list: letters, digits, blanks, dots, hyphens and underscores.
Result<std::string> CheckListName(std::string_view text);
// A name below which lists are asked; may begin with "{key}.". Lower case, without a trailing dot.
// The message does not quote it: it may hold a key.
Result<std::string> CheckZone(std::string_view text);
// A subscriber key: one label. The message does not quote it.
Result<std::string> CheckKey(std::string_view text);
// Whether part of a zone looks like one: long, of letters and digits with both in it.
bool LooksLikeKey(std::string_view label);
// The name of a profile, known or not.
Result<std::string> CheckProfileName(std::string_view text);

// Test points. An address becomes the name to ask for below the zone; "" stays.
Result<std::string> CheckPointV4(std::string_view text);
Result<std::string> CheckPointV6(std::string_view text);
Result<std::string> CheckPointName(std::string_view text);
// The address that CheckPointV4 or CheckPointV6 made into this name.
std::string PointAddress(std::string_view name);

}  // namespace mxward
