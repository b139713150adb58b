// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_fields.h"

#include <fmt/format.h>

#include "config/dnsbl_checks.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::string_view kOfWords[] = {"client", "client-name", "helo", "sender-domain"};

OptionText TextOrNone(const std::string& text) {
  return text.empty() ? OptionText() : OptionText::Quoted(text);
}

// A test point that the list has none of is written down, because the default is one.
template <auto kPoint>
OptionText AddressPoint(const DnsblConfig& list) {
  return OptionText::Quoted(PointAddress(list.*kPoint));
}
template <auto kPoint>
OptionText NamePoint(const DnsblConfig& list) {
  return OptionText::Quoted(list.*kPoint);
}
template <auto kFlag>
OptionText Flag(const DnsblConfig& list) {
  return OptionText::One(list.*kFlag ? "true" : "false");
}

OptionText Zone(const DnsblConfig& list) {
  return OptionText::Quoted(list.key.empty() ? list.zone
                                             : fmt::format("{}.{}", kKeyMark, list.shown_zone));
}

OptionText Key(const DnsblConfig& list) {
  return list.key.empty() ? OptionText() : OptionText::Quoted(kHiddenKey);
}

OptionText Codes(const DnsblConfig& list) {
  return OptionText::One(fmt::format("{{ {} }}", fmt::join(DnsblCodeTexts(list), ", ")));
}

OptionText Refusals(const DnsblConfig& list) {
  OptionText out;
  out.is_list = true;
  for (const CodeFilter& filter : list.refusals) out.items.push_back(TomlQuote(filter.text()));
  return out;
}

OptionText Of(const DnsblConfig& list) {
  OptionText out;
  out.is_list = list.of.size() > 1;
  for (const DnsblOf of : list.of) out.items.push_back(TomlQuote(DnsblOfWord(of)));
  return out;
}

constexpr DnsblField kDnsblFields[] = {
    {"profile", DnsblTextKind{&DnsblDraft::profile, CheckProfileName},
     [](const DnsblConfig& list) { return TextOrNone(list.profile); }, "none", R"("spamhaus-zen")",
     "A list that mxward knows: see the profiles below. It fills in all other keys; those that are "
     "given beside it take the place of the profile's."},
    {"name", DnsblTextKind{&DnsblDraft::name, CheckListName},
     [](const DnsblConfig& list) { return OptionText::Quoted(list.name); },
     "the profile's name, or the zone", R"("house list")",
     "What the list is called in the log, in replies and by mxwardctl. Each list has another "
     "name."},
    {"zone", DnsblTextKind{&DnsblDraft::zone, CheckZone}, Zone, "the profile's",
     R"("bl.example.net")",
     "The name below which the list is asked. {key} as its first part stands for the key."},
    {"zone_with_key", DnsblTextKind{&DnsblDraft::zone_with_key, CheckZone}, nullptr,
     "the profile's", R"("{key}.bl.example.net")",
     "The zone that takes the place of zone when there is a key."},
    {"key", DnsblTextKind{&DnsblDraft::key, CheckKey, /*secret=*/true}, Key, "none", R"("abc123")",
     "Your subscriber key, where the list gave you one. It is shown nowhere: not in the log, not "
     "in replies, not by mxwardctl. Let nobody but mxward read a file with a key in it."},
    {"weight", DnsblWeightKind{&DnsblDraft::weight}, nullptr, "the profile's", "4",
     "What a listing adds to the score, for all codes that have no score of their own. Negative "
     "for lists of good senders: all of these together take away 5 at most."},
    {"codes", DnsblCodesKind{&DnsblDraft::codes}, Codes, "the profile's",
     R"({ "127.0.0.2" = 4, "127.0.0.[3..9]" = 8 })",
     "The answers that count: a table of code filters, each with its score, or a list of filters "
     "that all count weight. Any other answer is noted and adds nothing. In the table, a text in "
     "place of the score says what the code means, and { score = 4, meaning = \"...\" } says "
     "both. A score of 0 is a listing that adds nothing. Of several that match, one counts: the "
     "strongest."},
    {"refusals", DnsblFiltersKind{&DnsblDraft::refusals}, Refusals, "none", R"(["127.0.0.255"])",
     "Answers that mean that the list does not answer you. 127.0.0.1 and 127.255.255.* do so "
     "always and need not be named."},
    {"of", DnsblSubjectsKind{&DnsblDraft::of}, Of, R"("client")", R"(["sender-domain", "helo"])",
     "What the list is asked about: \"client\", the address; or one or several of the names "
     "\"client-name\" (its verified reverse name), \"helo\" and \"sender-domain\". A list of names "
     "that knows several of them counts once, with its highest score."},
    {"ipv4", DnsblFlagKind{&DnsblDraft::ipv4}, Flag<&DnsblConfig::ipv4>, "true", "true",
     "Whether a list of addresses knows IPv4."},
    {"ipv6", DnsblFlagKind{&DnsblDraft::ipv6}, Flag<&DnsblConfig::ipv6>, "true", "false",
     "Whether a list of addresses knows IPv6. Many do not, and then need not be asked."},
    {"organisation", DnsblFlagKind{&DnsblDraft::organisation}, Flag<&DnsblConfig::organisation>,
     "false", "true",
     "Whether a list of names is asked about the registered domain (example.com) rather than the "
     "whole name (mail.example.com)."},
    {"listed_v4", DnsblTextKind{&DnsblDraft::listed_v4, CheckPointV4},
     AddressPoint<&DnsblConfig::listed_v4>, R"("127.0.0.2")", R"("127.0.0.2")",
     "An IPv4 address that the list always lists, for the self-test (RFC 5782). Empty: none."},
    {"unlisted_v4", DnsblTextKind{&DnsblDraft::unlisted_v4, CheckPointV4},
     AddressPoint<&DnsblConfig::unlisted_v4>, R"("127.0.0.1")", R"("127.0.0.1")",
     "One that it never lists. A list that does counts no more until that is over. Empty: none."},
    {"listed_v6", DnsblTextKind{&DnsblDraft::listed_v6, CheckPointV6},
     AddressPoint<&DnsblConfig::listed_v6>, R"("::ffff:7f00:2")", R"("::ffff:7f00:2")",
     "An IPv6 address that the list always lists. Empty: none."},
    {"unlisted_v6", DnsblTextKind{&DnsblDraft::unlisted_v6, CheckPointV6},
     AddressPoint<&DnsblConfig::unlisted_v6>, R"("::ffff:7f00:1")", R"("::ffff:7f00:1")",
     "An IPv6 address that the list never lists. Empty: none."},
    {"listed_name", DnsblTextKind{&DnsblDraft::listed_name, CheckPointName},
     NamePoint<&DnsblConfig::listed_name>, R"("test")", R"("dbltest.com")",
     "What a list of names always lists. Empty: none."},
    {"unlisted_name", DnsblTextKind{&DnsblDraft::unlisted_name, CheckPointName},
     NamePoint<&DnsblConfig::unlisted_name>, R"("invalid")", R"("invalid")",
     "What a list of names never lists. Empty: none."},
    {"observe", DnsblFlagKind{&DnsblDraft::observe}, Flag<&DnsblConfig::observe>, "false", "true",
     "With true the list is asked, logged and counted, but adds nothing: a way to try one."},
};

struct DnsblKindWriter {
  std::string operator()(const DnsblTextKind&) const { return "a text in quotes"; }
  std::string operator()(const DnsblFlagKind&) const { return "true or false"; }
  std::string operator()(const DnsblWeightKind&) const {
    return fmt::format("an integer from -{0} to {0}, not 0", kMaxDnsblScore);
  }
  std::string operator()(const DnsblCodesKind&) const {
    return "a table of code filters, or a list of them";
  }
  std::string operator()(const DnsblFiltersKind&) const { return "a list of code filters"; }
  std::string operator()(const DnsblSubjectsKind&) const {
    return WordList({std::begin(kOfWords), std::end(kOfWords)}, "or") + ", or a list of them";
  }
};

}  // namespace

std::span<const DnsblField> DnsblFields() { return kDnsblFields; }

std::string DescribeKind(const DnsblField& field) {
  return std::visit(DnsblKindWriter(), field.kind);
}

std::vector<std::string> DnsblCodeTexts(const DnsblConfig& list) {
  std::vector<std::string> out;
  for (const DnsblCode& code : list.codes) {
    const std::string filter = TomlQuote(code.filter.text());
    out.push_back(code.meaning.empty() ? fmt::format("{} = {}", filter, code.score)
                                       : fmt::format("{} = {{ score = {}, meaning = {} }}", filter,
                                                     code.score, TomlQuote(code.meaning)));
  }
  return out;
}

std::span<const std::string_view> DnsblOfWords() { return kOfWords; }

std::string_view DnsblOfWord(DnsblOf of) { return kOfWords[static_cast<std::size_t>(of)]; }

}  // namespace mxward
