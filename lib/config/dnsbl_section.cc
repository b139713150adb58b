// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_section.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ip_address.h"
#include "base/text.h"
#include "config/checks.h"
#include "config/dnsbl_profiles.h"
#include "config/kinds.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr int kMaxDnsblScore = 100;
constexpr std::size_t kMaxFilters = 100;
constexpr std::size_t kMaxMeaning = 100;
constexpr std::size_t kMaxZoneWithKey = 180;
// What stands for the key in a zone.
constexpr std::string_view kKeyMark = "{key}";

// What its texts may be, as in checks.h.

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxLabel = 63;
// So that the 64 characters of an IPv6 address fit in front, within the 253 of a name.
constexpr std::size_t kMaxZone = 180;
constexpr std::size_t kNibbles = 32;
constexpr std::string_view kHex = "0123456789abcdef";

// What is wrong with a label, or "".
std::string_view LabelFault(std::string_view label) {
  if (label.empty()) return "is empty";
  if (label.size() > kMaxLabel) return "is longer than 63 characters";
  if (label.front() == '-' || label.back() == '-') return "begins or ends with a hyphen";
  const bool good = std::all_of(label.begin(), label.end(),
                                [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_'; });
  return good ? "" : "has a character other than letters, digits, hyphens and underscores";
}

// Which label of a name is wrong, counted from 1, and how; "" when none is.
std::string NameFault(std::string_view name) {
  for (int number = 1;; ++number) {
    const std::size_t end = name.find('.');
    const std::string_view fault = LabelFault(name.substr(0, end));
    if (!fault.empty()) return fmt::format("part {} {}", number, fault);
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  }
}

// The name of a list: letters, digits, blanks, dots, hyphens and underscores.
Result<std::string> CheckListName(std::string_view text) {
  return CheckEntryName(text, "list", kMaxName, "house list");
}

// A name below which lists are asked; may begin with "{key}.". Lower case, without a trailing dot.
// The message does not quote it: it may hold a key.
Result<std::string> CheckZone(std::string_view text) {
  std::string zone = ToLower(text);
  if (zone.ends_with('.')) zone.pop_back();
  std::string_view rest = zone;
  const bool keyed = rest.starts_with(kKeyMark) && rest.substr(kKeyMark.size()).starts_with('.');
  if (keyed) rest.remove_prefix(kKeyMark.size() + 1);
  if (rest.find(kKeyMark) != std::string_view::npos) {
    return Bad("has {key} where it cannot be; it is the first part: \"{key}.bl.example.net\"");
  }
  const std::string fault = NameFault(rest);
  if (!fault.empty() || rest.find('.') == std::string_view::npos) {
    return Bad(fmt::format("is not a valid zone name, such as \"bl.example.net\": {}",
                           fault.empty() ? "it has one part only" : fault));
  }
  if (zone.size() > kMaxZone) {
    return Bad(fmt::format(
        "has {} characters; a zone has at most {}, so that an IPv6 address fits in front of it",
        zone.size(), kMaxZone));
  }
  for (const std::string_view keyed_zone : {".dq.spamhaus.net", ".mail.abusix.zone"}) {
    if (keyed || !zone.ends_with(keyed_zone)) continue;
    return Bad(
        fmt::format("contains your key; keys are only kept secret if they are given separately: "
                    "key = \"...\" and zone = \"{{key}}.NAME{}\", or a profile",
                    keyed_zone));
  }
  return zone;
}

// A subscriber key: one label. The message does not quote it.
Result<std::string> CheckKey(std::string_view text) {
  if (text == kHiddenKey) {
    return Bad("is what is shown in place of a key; put your own key here");
  }
  const std::string_view fault = LabelFault(text);
  if (!fault.empty()) {
    return Bad(fmt::format(
        "is one part of a DNS name, this one {}; write the key alone, without the zone", fault));
  }
  return ToLower(text);
}

// Whether part of a zone looks like one: long, of letters and digits with both in it.
bool LooksLikeKey(std::string_view label) {
  constexpr std::size_t kShortestKey = 16;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return label.size() >= kShortestKey && std::all_of(label.begin(), label.end(), IsAlphanumeric) &&
         std::any_of(label.begin(), label.end(), digit) &&
         !std::all_of(label.begin(), label.end(), digit);
}

// The name of a profile, known or not.
Result<std::string> CheckProfileName(std::string_view text) { return ToLower(text); }

// Test points. An address becomes the name to ask for below the zone; "" stays.
Result<std::string> CheckPointV4(std::string_view text) {
  if (text.empty()) return std::string();
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  const auto address = plain ? IpAddress::Parse(text) : std::nullopt;
  if (!address || !address->is_v4()) {
    return Bad(Quoted(text) +
               " is not a valid IPv4 address, such as \"127.0.0.2\"; use \"\" for none");
  }
  const auto& bytes = address->bytes();
  return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
}

Result<std::string> CheckPointV6(std::string_view text) {
  if (text.empty()) return std::string();
  // Not IpAddress, for which ::ffff:7f00:2 is 127.0.0.2; here it is an IPv6 address like others.
  std::array<unsigned char, 16> bytes{};
  const std::string terminated(text);
  if (text.find('\0') != std::string_view::npos ||
      inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) {
    return Bad(Quoted(text) +
               " is not a valid IPv6 address, such as \"::ffff:7f00:2\"; use \"\" for none");
  }
  std::string out;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (!out.empty()) out += '.';
    out += {kHex[*byte & 15U], '.', kHex[*byte >> 4U]};
  }
  return out;
}

Result<std::string> CheckPointName(std::string_view text) {
  if (text.empty()) return std::string();
  const std::string fault = NameFault(text);
  if (!fault.empty()) {
    return Bad(
        fmt::format("{} is not a valid name in a zone, such as \"test\": {}", Quoted(text), fault));
  }
  return ToLower(text);
}

// A table of code filters, or a list of them.
struct CodesKind {
  static std::optional<std::vector<DnsblDraftCode>> Read(const TomlValue& value,
                                                         FieldReader& reader) {
    std::vector<DnsblDraftCode> codes;
    if (value.kind == TomlValue::Kind::kArray) {
      for (const TomlValue& item : value.items) ReadItem(item, codes, reader);
    } else if (value.kind == TomlValue::Kind::kTable) {
      for (const TomlEntry& entry : value.entries) ReadCode(entry, codes, reader);
    } else {
      reader.WrongType(value);
      return std::nullopt;
    }
    if (value.items.empty() && value.entries.empty()) {
      reader.Problem(value.place, "is empty: no answer would count; " + reader.Such());
      return std::nullopt;
    }
    return codes;
  }
  static OptionText Write(const std::vector<DnsblDraftCode>& value) {
    OptionText out;
    out.is_table = true;
    for (const DnsblDraftCode& code : value) {
      const std::string filter = TomlQuote(code.filter.text());
      const int score = code.score.value_or(0);
      out.items.push_back(code.meaning.empty()
                              ? fmt::format("{} = {}", filter, score)
                              : fmt::format("{} = {{ score = {}, meaning = {} }}", filter, score,
                                            TomlQuote(code.meaning)));
    }
    return out;
  }
  static std::string Describe() { return "a table of code filters, or a list of them"; }

 private:
  static void ReadItem(const TomlValue& item, std::vector<DnsblDraftCode>& out,
                       FieldReader& reader) {
    if (item.kind != TomlValue::Kind::kString) {
      return reader.Problem(
          item.place, fmt::format("needs code filters in quotes, such as \"127.0.0.2\"; found {}",
                                  Found(item)));
    }
    auto filter = CodeFilter::Parse(item.text);
    if (!filter) return reader.Problem(item.place, filter.error().message);
    out.push_back({*std::move(filter), {}, {}});
  }

  static std::optional<int> ReadScore(const TomlValue& value, FieldReader& reader) {
    if (!reader.WithinBounds(value, -kMaxDnsblScore, kMaxDnsblScore)) return std::nullopt;
    return static_cast<int>(value.integer);
  }

  static void ReadCode(const TomlEntry& entry, std::vector<DnsblDraftCode>& out,
                       FieldReader& reader) {
    const TomlValue& value = entry.value;
    const bool torn = value.kind == TomlValue::Kind::kTable &&
                      entry.key.find('.') == std::string::npos;  // 127.0.0.2 without quotes
    if (torn) {
      return reader.Problem(entry.place, "an answer must be quoted: \"127.0.0.2\" = 4");
    }
    auto filter = CodeFilter::Parse(entry.key);
    if (!filter) reader.Problem(entry.place, filter.error().message);
    DnsblDraftCode code;
    if (value.kind == TomlValue::Kind::kInteger) {
      code.score = ReadScore(value, reader);
    } else if (value.kind == TomlValue::Kind::kString) {
      code.meaning = ReadMeaning(value, reader);
    } else if (value.kind == TomlValue::Kind::kTable) {
      ReadCodeTable(value, code, reader);
    } else {
      return reader.Problem(value.place, fmt::format("{} needs a score, such as 4; found {}",
                                                     Quoted(entry.key), Found(value)));
    }
    if (!filter) return;
    code.filter = *std::move(filter);
    out.push_back(std::move(code));
  }

  static void ReadCodeTable(const TomlValue& table, DnsblDraftCode& code, FieldReader& reader) {
    for (const TomlEntry& entry : table.entries) {
      const bool score = entry.key == "score";
      const auto kind = score ? TomlValue::Kind::kInteger : TomlValue::Kind::kString;
      if (!score && entry.key != "meaning") {
        reader.Problem(entry.place,
                       fmt::format("a code has \"score\" and \"meaning\", no {}{}",
                                   Quoted(entry.key), DidYouMean(entry.key, {"score", "meaning"})));
      } else if (entry.value.kind != kind) {
        reader.Problem(
            entry.value.place,
            fmt::format("{} needs {}; found {}", entry.key,
                        score ? "an integer, such as 4" : "a text in quotes", Found(entry.value)));
      } else if (score) {
        code.score = ReadScore(entry.value, reader);
      } else {
        code.meaning = ReadMeaning(entry.value, reader);
      }
    }
  }

  static std::string ReadMeaning(const TomlValue& value, FieldReader& reader) {
    const bool plain = std::all_of(value.text.begin(), value.text.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    if (!plain || value.text.empty() || value.text.size() > kMaxMeaning) {
      reader.Problem(value.place,
                     fmt::format("a meaning is printable ASCII, 1 to {} characters; found {}",
                                 kMaxMeaning, Quoted(value.text)));
    }
    return value.text;
  }
};

std::span<const Field<DnsblDraft>> DnsblFields() {
  static const Field<DnsblDraft> rows[] = {
      {.section = "dnsbl",
       .key = "profile",
       .kind = Text(At<&DnsblDraft::profile>(), CheckProfileName),
       .default_value = Prose{"none"},
       .description = "A well-known list: see the profiles below. It provides all other keys; keys "
                      "given in the section override it.",
       .example = R"("spamhaus-zen")"},
      {.section = "dnsbl",
       .key = "name",
       .kind = Text(At<&DnsblDraft::name>(), CheckListName),
       .default_value = Prose{"the profile's name, or the zone"},
       .description =
           "The name of the list in the log, in replies and in mxwardctl. Names must be unique.",
       .example = R"("house list")"},
      {.section = "dnsbl",
       .key = "zone",
       .kind = Text(At<&DnsblDraft::zone>(), CheckZone),
       .default_value = Prose{"the profile's"},
       .description =
           "The zone that is queried. {key} as its first label is replaced with the key.",
       .example = R"("bl.example.net")"},
      {.section = "dnsbl",
       .key = "zone_with_key",
       .kind = Text(At<&DnsblDraft::zone_with_key>(), CheckZone),
       .default_value = Prose{"the profile's"},
       .description = "The zone used instead of zone if there is a key.",
       .example = R"("{key}.bl.example.net")"},
      {.section = "dnsbl",
       .key = "key",
       .kind = Secret(At<&DnsblDraft::key>(), CheckKey),
       .default_value = Prose{"none"},
       .description = "Your subscriber key, if the list has given you one. It is never shown: not "
                      "in the log, in replies or by mxwardctl. A file that contains a key should "
                      "be readable by mxward only.",
       .example = R"("abc123")"},
      {.section = "dnsbl",
       .key = "weight",
       .kind =
           Integer(At<&DnsblDraft::weight>(), -kMaxDnsblScore, kMaxDnsblScore,
                   "0 would ask the list for nothing; to ask and only log, write observe = true"),
       .default_value = Prose{"the profile's"},
       .description = "What a listing adds to the score, for all codes without a score of their "
                      "own. Negative for allow lists: all of these together subtract 5 at most.",
       .example = "4"},
      {.section = "dnsbl",
       .key = "codes",
       .kind = Bind(At<&DnsblDraft::codes>(), CodesKind()),
       .default_value = Prose{"the profile's"},
       .description = "The answers that count: a table of code filters with a score each, or a "
                      "list of filters that all add weight. Any other answer is logged and adds "
                      "nothing. In the table, a text instead of the score describes the code, and "
                      "{ score = 4, meaning = \"...\" } gives both. A score of 0 is a listing that "
                      "adds nothing. If several match, only the strongest counts.",
       .example = R"({ "127.0.0.2" = 4, "127.0.0.[3..9]" = 8 })"},
      {.section = "dnsbl",
       .key = "refusals",
       .kind =
           Bind(At<&DnsblDraft::refusals>(),
                ListKind<CodeFilter>{.parse = CodeFilter::Parse,
                                     .text = [](const CodeFilter& filter) { return filter.text(); },
                                     .items_name = "code filters"}),
       .default_value = Prose{"none"},
       .description = "Answers by which the list refuses your queries. 127.0.0.1 and 127.255.255.* "
                      "always do and need not be given.",
       .example = R"(["127.0.0.255"])"},
      {.section = "dnsbl",
       .key = "of",
       .kind = Words(At<&DnsblDraft::of>(),
                     WordListKind<DnsblOf>{.brackets = Brackets::kOptional, .plain_if_one = true}),
       .default_value = "client",
       .description =
           "What the list is queried about: \"client\", the address; or one or more of the names "
           "\"client-name\" (its verified reverse name), \"helo\" and \"sender-domain\". If "
           "several names are listed, the list counts once, with its highest score.",
       .example = R"(["sender-domain", "helo"])"},
      {.section = "dnsbl",
       .key = "ipv4",
       .kind = Flag(At<&DnsblDraft::ipv4>()),
       .default_value = true,
       .description = "Whether a list of addresses supports IPv4.",
       .example = "true"},
      {.section = "dnsbl",
       .key = "ipv6",
       .kind = Flag(At<&DnsblDraft::ipv6>()),
       .default_value = true,
       .description =
           "Whether a list of addresses supports IPv6. Many do not, and then are not queried.",
       .example = "false"},
      {.section = "dnsbl",
       .key = "organisation",
       .kind = Flag(At<&DnsblDraft::organisation>()),
       .default_value = false,
       .description = "Whether a list of names is queried about the registered domain "
                      "(example.com) rather than the full name (mail.example.com).",
       .example = "true"},
      {.section = "dnsbl",
       .key = "listed_v4",
       .kind = Bind(At<&DnsblDraft::listed_v4>(),
                    TextKind<std::string>{
                        .parse = CheckPointV4,
                        .text = [](const std::string& name) { return PointAddress(name); }}),
       .default_value = "127.0.0.2",
       .description =
           "An IPv4 address that the list always lists, for the self-test (RFC 5782). Empty: none.",
       .example = R"("127.0.0.2")"},
      {.section = "dnsbl",
       .key = "unlisted_v4",
       .kind = Bind(At<&DnsblDraft::unlisted_v4>(),
                    TextKind<std::string>{
                        .parse = CheckPointV4,
                        .text = [](const std::string& name) { return PointAddress(name); }}),
       .default_value = "127.0.0.1",
       .description = "An IPv4 address that the list never lists. If it does, the list does not "
                      "count until it no longer does. Empty: none.",
       .example = R"("127.0.0.1")"},
      {.section = "dnsbl",
       .key = "listed_v6",
       .kind = Bind(At<&DnsblDraft::listed_v6>(),
                    TextKind<std::string>{
                        .parse = CheckPointV6,
                        .text = [](const std::string& name) { return PointAddress(name); }}),
       .default_value = "::ffff:7f00:2",
       .description = "An IPv6 address that the list always lists. Empty: none.",
       .example = R"("::ffff:7f00:2")"},
      {.section = "dnsbl",
       .key = "unlisted_v6",
       .kind = Bind(At<&DnsblDraft::unlisted_v6>(),
                    TextKind<std::string>{
                        .parse = CheckPointV6,
                        .text = [](const std::string& name) { return PointAddress(name); }}),
       .default_value = "::ffff:7f00:1",
       .description = "An IPv6 address that the list never lists. Empty: none.",
       .example = R"("::ffff:7f00:1")"},
      {.section = "dnsbl",
       .key = "listed_name",
       .kind = Text(At<&DnsblDraft::listed_name>(), CheckPointName),
       .default_value = "test",
       .description = "What a list of names always lists. Empty: none.",
       .example = R"("dbltest.com")"},
      {.section = "dnsbl",
       .key = "unlisted_name",
       .kind = Text(At<&DnsblDraft::unlisted_name>(), CheckPointName),
       .default_value = "invalid",
       .description = "What a list of names never lists. Empty: none.",
       .example = R"("invalid")"},
      {.section = "dnsbl",
       .key = "observe",
       .kind = Flag(At<&DnsblDraft::observe>()),
       .default_value = false,
       .description = "If true, the list is queried, logged and counted, but adds nothing: a way "
                      "to try a list.",
       .example = "true"},
  };
  return rows;
}

// Makes a list of a draft, or finds out why there is none.
class DnsblFinisher {
 public:
  DnsblFinisher(const DnsblDraft& draft, EntryPlaces& places) : draft_(draft), places_(places) {}

  DnsblConfig Finish() {
    list_.profile = draft_.profile.value_or("");
    list_.of = draft_.of.value_or(std::vector{DnsblOf::kClient});
    list_.observe = draft_.observe.value_or(false);
    list_.refusals = draft_.refusals.value_or(std::vector<CodeFilter>());
    FinishZone();
    FinishCodes();
    FinishSubjects();
    list_.name = draft_.name.value_or(list_.profile.empty() ? list_.public_zone : list_.profile);
    return std::move(list_);
  }

 private:
  void FinishZone() {
    const bool has_key = draft_.key.has_value();
    const auto& chosen = has_key && draft_.zone_with_key ? draft_.zone_with_key : draft_.zone;
    if (!chosen) {
      if (places_.Has("zone")) return;  // and is wrong
      const bool with_key = draft_.zone_with_key.has_value();
      return places_.Problem(with_key ? "key" : "zone",
                             with_key ? "is missing; there is no zone for use without a key"
                                      : "is missing; give the zone to query, such as zone = "
                                        "\"bl.example.net\", or a profile");
    }
    const std::string mark = fmt::format("{}.", kKeyMark);
    if (!chosen->starts_with(mark)) {
      if (has_key) {
        places_.Problem("key",
                        "the zone of this list has no place for a key; a zone with one is written "
                        "zone = \"{key}.bl.example.net\"");
      }
      // It would be shown as the list's name.
      if (!has_key && !draft_.name && !draft_.profile &&
          LooksLikeKey(chosen->substr(0, chosen->find('.')))) {
        places_.Problem(
            "zone",
            "begins with what looks like a subscriber key, which would be shown: write key = "
            "\"...\" and zone = \"{key}....\", or give the list a name = \"...\"");
      }
      list_.zone = list_.public_zone = *chosen;
      return;
    }
    if (!has_key) {
      if (places_.Has("key")) return;  // and is wrong
      return places_.Problem("key",
                             "is missing: this list needs a subscriber key, such as key = "
                             "\"abc123\", which you get from the list's operator");
    }
    list_.key = *draft_.key;
    list_.public_zone = chosen->substr(mark.size());
    list_.zone = fmt::format("{}.{}", list_.key, list_.public_zone);
    if (list_.zone.size() > kMaxZoneWithKey) places_.Problem("key", "makes the zone too long");
  }

  void FinishCodes() {
    if (!draft_.codes) {
      if (places_.Has("codes")) return;
      return places_.Problem("codes",
                             "is missing; write which answers count, such as codes = { "
                             "\"127.0.0.2\" = 4 }, or a profile");
    }
    CheckFilters("codes", draft_.codes->size());
    CheckFilters("refusals", list_.refusals.size());
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
      places_.Problem("weight",
                      "is missing; it is what the codes without a score of their own count, such "
                      "as weight = 4");
    } else if (!weight_used && draft_.weight && places_.Has("weight")) {
      places_.Problem("weight",
                      "counts for nothing: each code of this list has a score of its own; give "
                      "codes = { ... } with other scores");
    } else if (!weight_missing && list_.MaxScore() == 0 && list_.MinScore() == 0) {
      places_.Problem("codes",
                      "all have a score of 0, so the list adds nothing; to ask and only log, write "
                      "observe = true and the scores it would have");
    }
  }

  void CheckFilters(std::string_view key, std::size_t count) {
    if (count <= kMaxFilters) return;
    places_.Problem(
        key,
        fmt::format("has more than {} code filters; ranges such as 127.0.0.[2..11] make them fewer",
                    kMaxFilters));
  }

  void CheckCode(const CodeFilter& filter) {
    const std::string& text = filter.text();
    const bool refusal =
        text == "127.0.0.1" || text.starts_with("127.255.255.") ||
        std::find(list_.refusals.begin(), list_.refusals.end(), filter) != list_.refusals.end();
    if (!refusal) return;
    places_.Problem(
        "codes", fmt::format("{} never counts: it is what a list answers that does not serve you",
                             Quoted(text)));
  }

  void FinishSubjects() {
    const bool client =
        std::find(list_.of.begin(), list_.of.end(), DnsblOf::kClient) != list_.of.end();
    if (client && list_.of.size() > 1) {
      places_.Problem("of",
                      "\"client\" cannot be combined: a list has addresses or names; for a list "
                      "that has both, use two sections");
    }
    if (!list_.AboutClients()) {
      list_.organisation = draft_.organisation.value_or(false);
      list_.listed_name = draft_.listed_name.value_or("");
      list_.unlisted_name = draft_.unlisted_name.value_or("");
      return;
    }
    if (draft_.organisation.value_or(false)) {
      places_.Problem("organisation", "is for lists of names; this one is queried about addresses");
    }
    list_.ipv4 = draft_.ipv4.value_or(true);
    list_.ipv6 = draft_.ipv6.value_or(true);
    if (!list_.ipv4 && !list_.ipv6) {
      places_.Problem("ipv6", "a list with neither IPv4 nor IPv6 would never be queried");
    }
    if (list_.ipv4) {
      list_.listed_v4 = draft_.listed_v4.value_or("");
      list_.unlisted_v4 = draft_.unlisted_v4.value_or("");
    }
    if (list_.ipv6) {
      list_.listed_v6 = draft_.listed_v6.value_or("");
      list_.unlisted_v6 = draft_.unlisted_v6.value_or("");
    }
  }

  const DnsblDraft& draft_;
  EntryPlaces& places_;
  DnsblConfig list_;
};

std::string UnknownProfile(const std::string& name) {
  std::vector<std::string_view> names;
  for (const DnsblProfile& profile : DnsblProfiles()) names.push_back(profile.name);
  return fmt::format("there is no profile {}{}", Quoted(name),
                     ClosestMatch(name, names).empty() ? "; valid: " + WordList(names, "and")
                                                       : DidYouMean(name, names));
}

DnsblConfig FinishDnsbl(DnsblDraft draft, EntryPlaces& places, const Config& /*config*/) {
  if (draft.profile) {
    const DnsblProfile* profile = FindDnsblProfile(*draft.profile);
    if (profile == nullptr) {
      places.Problem("profile", UnknownProfile(*draft.profile));
      return {};
    }
    draft = MergeDnsbl(profile->draft, draft);
  }
  FillDefaults(DnsblFields(), places, draft);
  return DnsblFinisher(draft, places).Finish();
}

DnsblDraft WrittenDnsbl(const DnsblConfig& list) {
  DnsblDraft out;
  if (!list.profile.empty()) out.profile = list.profile;
  out.name = list.name;
  out.zone = list.key.empty() ? list.zone : fmt::format("{}.{}", kKeyMark, list.public_zone);
  if (!list.key.empty()) out.key = list.key;
  out.codes.emplace();
  for (const DnsblCode& code : list.codes) {
    out.codes->push_back({code.filter, code.score, code.meaning});
  }
  out.refusals = list.refusals;
  out.of = list.of;
  out.observe = list.observe;
  if (list.AboutClients()) {
    out.ipv4 = list.ipv4;
    out.ipv6 = list.ipv6;
    out.listed_v4 = list.listed_v4;
    out.unlisted_v4 = list.unlisted_v4;
    out.listed_v6 = list.listed_v6;
    out.unlisted_v6 = list.unlisted_v6;
  } else {
    out.organisation = list.organisation;
    out.listed_name = list.listed_name;
    out.unlisted_name = list.unlisted_name;
  }
  return out;
}

// The list as its profile says, or as little as an entry without one can say.
DnsblDraft PlainDnsbl(const DnsblConfig& list) {
  const bool has_profile = !list.profile.empty();
  DnsblDraft said;
  if (has_profile) said.profile = list.profile;
  if (!list.key.empty()) said.key = list.key;
  if (!has_profile) {
    said.of = list.of;
    said.zone = WrittenDnsbl(list).zone;
  }
  const TomlValue nothing;
  std::vector<PlacedProblem> none;
  EntryPlaces places("dnsbl", nothing, none);
  DnsblDraft plain = WrittenDnsbl(FinishDnsbl(std::move(said), places, Config()));
  // What has to be said even if it is what would stand without it.
  plain.profile.reset();
  plain.key.reset();
  // Without the key, which a dump leaves out, a profile may stand for a zone that needs none.
  if (!has_profile || !list.key.empty()) plain.zone.reset();
  if (!has_profile) plain.name.reset();
  if (!has_profile && !list.AboutClients()) plain.of.reset();
  return plain;
}

}  // namespace

const EntryTable<DnsblDraft, DnsblConfig>& DnsblTable() {
  static const EntryTable<DnsblDraft, DnsblConfig> table = {
      // Each list is a question a session.
      .words = {.name = "dnsbl", .one = "DNS list", .many = "DNS lists", .max = 50},
      .description =
          "DNS lists: each [[dnsbl]] section (there may be several) is one list that is queried "
          "about clients or names. There are none by default. A profile has all settings of a "
          "well-known list; other lists need a zone and codes.",
      .examples =
          "[[dnsbl]]\n"
          "profile = \"spamhaus-zen\"\n"
          "key = \"...\"        # only if you have one; it is never shown\n"
          "weight = 6\n"
          "\n"
          "[[dnsbl]]\n"
          "name = \"house list\"\n"
          "zone = \"bl.example.net\"\n"
          "codes = { \"127.0.0.2\" = 4, \"127.0.0.[3..9]\" = 8 }\n",
      .fields = DnsblFields(),
      .finish = FinishDnsbl,
      .written = WrittenDnsbl,
      .plain = PlainDnsbl,
  };
  return table;
}

DnsblDraft MergeDnsbl(DnsblDraft profile, const DnsblDraft& entry) {
  if (entry.zone) profile.zone_with_key.reset();
  for (const Field<DnsblDraft>& field : DnsblFields()) field.kind->Copy(entry, profile);
  return profile;
}

std::string PointAddress(std::string_view name) {
  if (name.size() != 2 * kNibbles - 1) {
    const auto reversed = IpAddress::Parse(name);
    if (!reversed) return {};
    const auto& bytes = reversed->bytes();
    return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
  }
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < kNibbles; ++i) {
    const auto nibble =
        static_cast<unsigned char>(kHex.find(name[2 * i]) << (i % 2 == 0 ? 0U : 4U));
    bytes[15 - i / 2] = static_cast<unsigned char>(bytes[15 - i / 2] | nibble);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

int DnsblConfig::MaxScore() const {
  int out = 0;
  for (const DnsblCode& code : codes) out = std::max(out, code.score);
  return out;
}

int DnsblConfig::MinScore() const {
  int out = 0;
  for (const DnsblCode& code : codes) out = std::min(out, code.score);
  return out;
}

}  // namespace mxward
