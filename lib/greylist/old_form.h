// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward::greylist {

// The forms of addresses that mxward 0.1.0 made the keys of tuples of, for the records that it has
// left: where nothing is found under today's key, it is looked for under that one. 0.1.0 saw two
// mailboxes in one where domains were written in U-labels or locals in other UTF-8 than lower case
// and NFC, and where words were quoted one by one. To go with 1.1, when no such record is left.
struct OldForm {
  std::string sender;     // for HashAddresses()
  std::string recipient;  // the same
};
// Both as given.
OldForm OldFormOf(std::string_view sender, std::string_view recipient);

}  // namespace mxward::greylist
