// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/dnsbl_checks.h"
#include "config/dnsbl_profiles.h"
#include "config/entry_reader.h"
#include "config/value_text.h"

namespace mxward {
namespace {

// Each list is a question a session.
constexpr ArrayWords kDnsblWords = {
    .name = "dnsbl", .one = "DNS list", .many = "DNS lists", .max = 50};

constexpr std::size_t kMaxZoneWithKey = 180;

// RFC 5782 5.
constexpr std::string_view kListedV4 = "127.0.0.2", kUnlistedV4 = "127.0.0.1";
constexpr std::string_view kListedV6 = "::ffff:7f00:2", kUnlistedV6 = "::ffff:7f00:1";
constexpr std::string_view kListedName = "test", kUnlistedName = "invalid";

// Makes a list of a draft, or finds out why there is none.
class DnsblFinisher {
 public:
  DnsblFinisher(const TomlValue& table, const DnsblDraft& draft,
                std::vector<PlacedProblem>& problems)
      : places_(table), draft_(draft), problems_(problems) {}

  DnsblConfig Finish() {
    list_.profile = draft_.profile.value_or("");
    list_.of = draft_.of.value_or(std::vector{DnsblOf::kClient});
    list_.observe = draft_.observe.value_or(false);
    list_.refusals = draft_.refusals.value_or(std::vector<CodeFilter>());
    FinishZone();
    FinishCodes();
    FinishSubjects();
    list_.name = draft_.name.value_or(list_.profile.empty() ? list_.shown_zone : list_.profile);
    return std::move(list_);
  }

 private:
  void Problem(std::string_view key, const std::string& message) {
    problems_.push_back({places_.Of(key), fmt::format("dnsbl.{}: {}", key, message)});
  }

  void FinishZone() {
    const bool has_key = draft_.key.has_value();
    const auto& chosen = has_key && draft_.zone_with_key ? draft_.zone_with_key : draft_.zone;
    if (!chosen) {
      if (places_.Has("zone")) return;  // and is wrong
      const bool with_key = draft_.zone_with_key.has_value();
      return Problem(with_key ? "key" : "zone",
                     with_key ? "is missing; there is no zone for those who have none"
                              : "is missing; write the name below which the list is asked, such "
                                "as zone = \"bl.example.net\", or a profile");
    }
    const std::string mark = fmt::format("{}.", kKeyMark);
    if (!chosen->starts_with(mark)) {
      if (has_key) {
        Problem("key",
                "the zone of this list has no place for a key; a zone with one is written "
                "zone = \"{key}.bl.example.net\"");
      }
      // It would be shown as the list's name.
      if (!has_key && !draft_.name && !draft_.profile &&
          LooksLikeKey(chosen->substr(0, chosen->find('.')))) {
        Problem("zone",
                "begins with what looks like a subscriber key, which would be shown: write key = "
                "\"...\" and zone = \"{key}....\", or give the list a name = \"...\"");
      }
      list_.zone = list_.shown_zone = *chosen;
      return;
    }
    if (!has_key) {
      if (places_.Has("key")) return;  // and is wrong
      return Problem("key",
                     "is missing: this list is asked with a subscriber key, such as key = "
                     "\"abc123\"; the list's operator gives you one");
    }
    list_.key = *draft_.key;
    list_.shown_zone = chosen->substr(mark.size());
    list_.zone = fmt::format("{}.{}", list_.key, list_.shown_zone);
    if (list_.zone.size() > kMaxZoneWithKey) Problem("key", "makes the zone too long");
  }

  void FinishCodes() {
    if (!draft_.codes) {
      if (places_.Has("codes")) return;
      return Problem("codes",
                     "is missing; write which answers count, such as codes = { "
                     "\"127.0.0.2\" = 4 }, or a profile");
    }
    bool weight_used = false;
    bool weight_missing = false;
    for (const DnsblDraftCode& code : *draft_.codes) {
      CheckCode(code.filter);
      const bool own = code.score.has_value();
      weight_used = weight_used || !own;
      weight_missing = weight_missing || (!own && !draft_.weight);
      list_.codes.push_back(
          {code.filter, own ? *code.score : draft_.weight.value_or(0), code.meaning});
    }
    if (weight_missing && !places_.Has("weight")) {
      Problem("weight",
              "is missing; it is what the codes without a score of their own count, such "
              "as weight = 4");
    } else if (!weight_used && draft_.weight && places_.Has("weight")) {
      Problem("weight",
              "counts for nothing: each code of this list has a score of its own; give "
              "codes = { ... } with other scores");
    } else if (!weight_missing && list_.MaxScore() == 0 && list_.MinScore() == 0) {
      Problem("codes",
              "all have a score of 0, so the list adds nothing; to ask and only log, write "
              "observe = true and the scores it would have");
    }
  }

  void CheckCode(const CodeFilter& filter) {
    const std::string& text = filter.text();
    const bool refusal =
        text == "127.0.0.1" || text.starts_with("127.255.255.") ||
        std::find(list_.refusals.begin(), list_.refusals.end(), filter) != list_.refusals.end();
    if (!refusal) return;
    Problem("codes", fmt::format("{} never counts: it is what a list answers that does not serve "
                                 "you",
                                 Quoted(text)));
  }

  void FinishSubjects() {
    if (!list_.AboutClients()) {
      list_.organisation = draft_.organisation.value_or(false);
      list_.listed_name = draft_.listed_name.value_or(std::string(kListedName));
      list_.unlisted_name = draft_.unlisted_name.value_or(std::string(kUnlistedName));
      return;
    }
    if (draft_.organisation.value_or(false)) {
      Problem("organisation", "is for lists of names; this one is asked about addresses");
    }
    list_.ipv4 = draft_.ipv4.value_or(true);
    list_.ipv6 = draft_.ipv6.value_or(true);
    if (!list_.ipv4 && !list_.ipv6) {
      Problem("ipv6", "a list that knows neither IPv4 nor IPv6 would never be asked");
    }
    if (list_.ipv4) {
      list_.listed_v4 = draft_.listed_v4.value_or(*CheckPointV4(kListedV4));
      list_.unlisted_v4 = draft_.unlisted_v4.value_or(*CheckPointV4(kUnlistedV4));
    }
    if (list_.ipv6) {
      list_.listed_v6 = draft_.listed_v6.value_or(*CheckPointV6(kListedV6));
      list_.unlisted_v6 = draft_.unlisted_v6.value_or(*CheckPointV6(kUnlistedV6));
    }
  }

  Places places_;
  const DnsblDraft& draft_;
  std::vector<PlacedProblem>& problems_;
  DnsblConfig list_;
};

std::string UnknownProfile(const std::string& name) {
  std::vector<std::string_view> names;
  for (const DnsblProfile& profile : DnsblProfiles()) names.push_back(profile.name);
  return fmt::format("dnsbl.profile: there is no profile {}{}", Quoted(name),
                     Nearest(name, names).empty() ? "; those there are: " + WordList(names, "and")
                                                  : DidYouMean(name, names));
}

DnsblConfig ReadEntry(const TomlValue& table, std::vector<PlacedProblem>& problems) {
  const DnsblDraft draft = ReadDnsblDraft(table, problems);
  if (!draft.profile) return FinishDnsbl(table, draft, problems);
  const DnsblProfile* profile = FindDnsblProfile(*draft.profile);
  if (profile == nullptr) {
    problems.push_back({Places(table).Of("profile"), UnknownProfile(*draft.profile)});
    return {};
  }
  return FinishDnsbl(table, MergeDnsbl(profile->draft, draft), problems);
}

}  // namespace

DnsblDraft MergeDnsbl(DnsblDraft profile, const DnsblDraft& entry) {
  if (entry.zone) profile.zone_with_key.reset();
  for (const DnsblField& field : DnsblFields()) {
    std::visit(
        [&](const auto& kind) {
          if (entry.*kind.at) profile.*kind.at = entry.*kind.at;
        },
        field.kind);
  }
  return profile;
}

DnsblConfig FinishDnsbl(const TomlValue& table, const DnsblDraft& draft,
                        std::vector<PlacedProblem>& problems) {
  return DnsblFinisher(table, draft, problems).Finish();
}

std::vector<DnsblConfig> ReadDnsbls(const TomlEntry& entry, std::vector<PlacedProblem>& problems) {
  return ReadEntries(entry, kDnsblWords, ReadEntry, problems);
}

}  // namespace mxward
