// SPDX-License-Identifier: Apache-2.0
#include "config/entry_array.h"

#include <array>

#include "config/dnsbl_fields.h"
#include "config/dnsbl_reader.h"
#include "config/dnsbl_text.h"
#include "config/limit_fields.h"
#include "config/limit_reader.h"
#include "config/limit_text.h"

namespace mxward {
namespace {

constexpr std::array<EntryArray, 2> kArrays = {{
    {.name = "dnsbl",
     .description = "DNS lists: each [[dnsbl]] section, of which there may be several, is one list "
                    "that is asked about clients or about names. There is none by default. A "
                    "profile knows all about a list; a list of your own needs a zone and codes.",
     .examples = "[[dnsbl]]\n"
                 "profile = \"spamhaus-zen\"\n"
                 "key = \"...\"        # only if you have one; it is never shown\n"
                 "weight = 6\n"
                 "\n"
                 "[[dnsbl]]\n"
                 "name = \"house list\"\n"
                 "zone = \"bl.example.net\"\n"
                 "codes = { \"127.0.0.2\" = 4, \"127.0.0.[3..9]\" = 8 }\n",
     .keys = [] { return EntryKeys(DnsblFields()); },
     .read =
         [](const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems) {
           config.dnsbl = ReadDnsbls(entry, problems);
         },
     .values = DnsblValues},
    {.name = "limit",
     .description =
         "Limits: each [[limit]] section, of which there may be several, is one limit on how much "
         "a client, a sender or a recipient may do in some time. There is none by default. What is "
         "over several limits is answered by the first of them.",
     .examples = "[[limit]]\n"
                 "count = \"connections\"\n"
                 "per = \"client\"\n"
                 "rate = \"300/1m\"\n"
                 "\n"
                 "[[limit]]\n"
                 "name = \"harvest\"\n"
                 "count = \"bad-recipients\"\n"
                 "per = \"client\"\n"
                 "rate = \"20/1h\"\n"
                 "\n"
                 "[[limit]]\n"
                 "count = \"recipients\"\n"
                 "per = \"user\"\n"
                 "rate = \"500/1d burst 100\"\n",
     .keys = [] { return EntryKeys(LimitFields()); },
     .read =
         [](const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems) {
           config.limit = ReadLimits(entry, problems);
         },
     .values = LimitValues},
}};

}  // namespace

bool EntryArray::Has(std::string_view key) const {
  const std::vector<EntryKey> all = keys();
  return std::any_of(all.begin(), all.end(), [&](const EntryKey& one) { return one.key == key; });
}

std::span<const EntryArray> EntryArrays() { return kArrays; }

const EntryArray* FindEntryArray(std::string_view name) {
  const auto* found = std::find_if(kArrays.begin(), kArrays.end(),
                                   [&](const EntryArray& array) { return array.name == name; });
  return found == kArrays.end() ? nullptr : found;
}

}  // namespace mxward
