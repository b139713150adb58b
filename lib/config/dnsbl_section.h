// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What a [[dnsbl]] entry may say. Constant data: usable from any thread.

// A code as written: without a score it counts the list's weight.
struct DnsblDraftCode {
  CodeFilter filter;
  std::optional<int> score;
  std::string meaning;
};

// An entry as written, of a profile or of the user's file.
struct DnsblDraft {
  std::optional<std::string> profile;
  std::optional<std::string> name;
  std::optional<std::string> zone;           // may begin with "{key}."
  std::optional<std::string> zone_with_key;  // the same; takes the place of zone where a key is set
  std::optional<std::string> key;
  std::optional<int> weight;
  std::optional<std::vector<DnsblDraftCode>> codes;
  std::optional<std::vector<CodeFilter>> refusals;
  std::optional<std::vector<DnsblOf>> of;
  std::optional<bool> ipv4, ipv6, organisation, observe;
  // As asked below the zone; "" is none.
  std::optional<std::string> listed_v4, unlisted_v4, listed_v6, unlisted_v6;
  std::optional<std::string> listed_name, unlisted_name;
};

const EntryTable<DnsblDraft, DnsblConfig>& DnsblTable();

// An entry that builds on a profile, which may be another entry.
DnsblDraft MergeDnsbl(DnsblDraft profile, const DnsblDraft& entry);

// The address of a test point of a list of addresses, whose name below the zone this is.
std::string PointAddress(std::string_view name);

}  // namespace mxward
