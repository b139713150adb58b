// SPDX-License-Identifier: Apache-2.0
#include "config/entry_array.h"

#include <array>

#include "config/dnsbl_fields.h"
#include "config/dnsbl_reader.h"
#include "config/dnsbl_text.h"
#include "config/limit_fields.h"
#include "config/limit_reader.h"
#include "config/limit_text.h"
#include "config/rule_fields.h"
#include "config/rule_reader.h"
#include "config/rule_text.h"

namespace mxward {
namespace {

constexpr std::array<EntryArray, 3> kArrays = {{
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
    {.name = "rule",
     .description =
         "Rules: each [[rule]] section, of which there may be several, says what is done about "
         "recipients that all its matchers match; one without any matches all. They are looked at "
         "in the order of the file, before allow and block entries, limits and greylisting, and "
         "all that match count, until one has an action or stop. Clients in trust.networks meet no "
         "rule; of mail from trust.relays, no rule applies that asks about the client. "
         "Where a list of addresses or domains may stand, an item is a domain, which stands for "
         "all below it as well; a mail address; \"user@\" for this local part in any domain; "
         "\"@example.org\" for the addresses of that domain alone; a pattern in which * stands for "
         "any characters; a regular expression in RE2's syntax between slashes; or "
         "\"file:/etc/mxward/NAME\", a file with one such item a line and comments behind #, which "
         "is read again at every reload. One that begins with ! is an exception: of those without "
         "* and slashes the most specific decides, one with them excepts whatever it matches.",
     .examples = "[[rule]]\n"
                 "name = \"helpdesk waits for nobody\"\n"
                 "recipient = [\"helpdesk@example.org\"]\n"
                 "greylist = \"off\"\n"
                 "\n"
                 "[[rule]]\n"
                 "name = \"no dynamic names at night\"\n"
                 "name_class = [\"dynamic\"]\n"
                 "time = [\"22:00-06:00\"]\n"
                 "action = \"reject\"\n"
                 "text = \"No mail from {client} at this time\"\n"
                 "\n"
                 "[[rule]]\n"
                 "name = \"partners\"\n"
                 "client_name = [\"file:/etc/mxward/partners\"]\n"
                 "add_score = -3\n",
     .keys = [] { return EntryKeys(RuleFields()); },
     .read =
         [](const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems) {
           config.rule = ReadRules(entry, config, problems);
         },
     .values = RuleValues,
     .after_others = true},
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
