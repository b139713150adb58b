// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.h"
#include "greylist/identity.h"

namespace mxward::greylist {

// Under what mxward 0.1.0 kept a tuple, where that is another key (old_form.h).
struct OldKey {
  std::uint64_t addresses = 0;
  std::uint64_t network_hash = 0;
};

// One recipient's question to the greylist (RFC 6647 section 2.3).
struct Tuple {
  Identities identities;
  std::uint64_t addresses = 0;  // HashAddresses of the normalised sender and recipient
  std::optional<OldKey> old;    // where to look if there is nothing under these
  // As given; what is written into a new record.
  IpAddress client;
  std::string sender;
  std::string recipient;
  bool cut = false;            // TupleRecord::cut
  bool good_evidence = false;  // as well
  Holder holder;               // where it begins a record
};

}  // namespace mxward::greylist
