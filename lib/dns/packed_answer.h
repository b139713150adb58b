// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "dns/question.h"

namespace mxward::dns {

// The records of an answer as bytes, for the cache: nothing at all for a negative answer, 5 bytes
// for an IPv4 address. Pure. Only ever read by the process that wrote it.
std::string PackRecords(const Answer& answer);
// Adds the records to an answer. REQUIRES: bytes are of PackRecords().
void UnpackRecords(std::string_view bytes, Answer& answer);

}  // namespace mxward::dns
