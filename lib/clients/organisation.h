// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward {

// The domain that somebody registered, or that a hoster gave away: the public suffix and one label,
// by the public suffix list with its private section ("mail.example.co.uk" is example.co.uk's, but
// "shop.github.io" is an organisation of its own). Lower case, in A-labels. host is a name of any
// case, with or without a trailing dot, internationalised or not.
//
// "" for what has none: a single label, an address, a bare public suffix, a name below arpa (it
// names an address, not an organisation), anything that is no host name. Thread-safe; asks nobody
// and allocates only its result.
std::string OrganisationalDomain(std::string_view host);

}  // namespace mxward
