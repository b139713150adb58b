// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/siphash.h"

namespace mxward {

// The domain that somebody registered, or that a hosting provider gave away: the public suffix and
// one label, by the public suffix list with its private section ("mail.example.co.uk" is
// example.co.uk's, but "shop.github.io" is an organisation of its own). Lower case, in A-labels.
// host is a name of any case, with or without a trailing dot, internationalised or not.
//
// "" for what has none: a single label, an address, a bare public suffix, a name below arpa (it
// names an address, not an organisation), anything that is not a host name. Thread-safe; asks
// nobody and allocates only its result.
std::string OrganisationalDomain(std::string_view host);

// The domain that somebody registered with a registry: as above, without the private section, so
// that "shop.github.io" is github.io's. For what must cost whoever wants many of them.
std::string RegisteredDomain(std::string_view host);

// OrganisationalDomain() for the verified names of clients, of which the same ones come again and
// again: it remembers where in a name its organisation begins. Fixed memory. Thread-safe, without a
// lock.
class Organisations {
 public:
  Organisations();
  // host: lower case, without a trailing dot (SessionFacts::client_name).
  std::string Of(const std::string& host);

 private:
  static constexpr std::size_t kPlaces = 1 << 15;
  const HashKey key_;  // a name cannot be made to meet another one's place
  // 56 bits of a name's hash, and 8 of where its organisation begins; 0: empty.
  std::vector<std::atomic<std::uint64_t>> places_;
};

}  // namespace mxward
