// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/toml_document.h"

namespace mxward {

// Changes of options on top of a configuration file, as the command line has them:
//
//   score.tls_none=0           an option of a section
//   greylist.delay=5m          text needs no quotes
//   dnsbl.NAME.weight=3        of the entry that is called so (rule, limit, dnsbl)
//   dnsbl."NAME with.dots".weight=3
//   rule=[]                    all entries of a kind
//
// They are merged into the document before it is read, so that they are checked like the file.

// Lines of places in changes begin here: the first change has this one, the second the next.
inline constexpr int kFirstChangeLine = 1 << 24;

// What a message calls a change: its option, without the value, which may be a secret.
std::string NameOfChange(std::string_view change);

// Applies them in their order. What is wrong with one is a problem at its place. Neither throws but
// std::bad_alloc. Thread-safe.
void MergeChanges(const std::vector<std::string>& changes, TomlValue& root,
                  std::vector<PlacedProblem>& problems);

}  // namespace mxward
