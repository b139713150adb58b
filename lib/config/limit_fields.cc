// SPDX-License-Identifier: Apache-2.0
#include "config/limit_fields.h"

#include <fmt/format.h>

#include "config/value_text.h"

namespace mxward {
namespace {

// In the order of their enums.
constexpr std::string_view kCountWords[] = {"connections", "concurrent", "messages", "recipients",
                                            "bad-recipients"};
constexpr std::string_view kPerWords[] = {"client",        "network",   "sender",
                                          "sender-domain", "recipient", "user"};
constexpr std::string_view kLimitActionWords[] = {"defer", "reject", "score", "observe"};
constexpr std::string_view kAtWords[] = {"rcpt", "connect"};

template <auto kAt>
constexpr LimitWordKind LimitWord(std::span<const std::string_view> words) {
  return {words, [](LimitDraft& draft, std::size_t index) {
            auto& field = draft.*kAt;
            field =
                static_cast<typename std::remove_reference_t<decltype(field)>::value_type>(index);
          }};
}

template <class E>
std::string_view WordOf(std::span<const std::string_view> words, E value) {
  return words[static_cast<std::size_t>(value)];
}

OptionText Number(int number) { return OptionText::One(std::to_string(number)); }

template <auto kPrefix>
OptionText PrefixLength(const LimitConfig& limit) {
  return limit.per == LimitPer::kNetwork ? Number(limit.*kPrefix) : OptionText();
}

OptionText Share(const LimitConfig& limit) {
  return limit.count == LimitCount::kBadRecipients ? Number(limit.share) : OptionText();
}

OptionText Score(const LimitConfig& limit) {
  return limit.action == LimitAction::kScore ? Number(limit.score) : OptionText();
}

OptionText AnsweredAt(const LimitConfig& limit) {
  const bool of_connections =
      limit.count == LimitCount::kConnections || limit.count == LimitCount::kConcurrent;
  if (!of_connections || limit.action == LimitAction::kScore) return {};
  return OptionText::Quoted(WordOf(kAtWords, limit.at));
}

OptionText Spare(const LimitConfig& limit) {
  OptionText out;
  out.is_list = true;
  for (const Prefix& prefix : limit.spare_networks) {
    out.items.push_back(TomlQuote(prefix.ToString()));
  }
  for (const std::string& name : limit.spare_names) out.items.push_back(TomlQuote(name));
  return out;
}

constexpr LimitField kLimitFields[] = {
    {"name", LimitNameKind(),
     [](const LimitConfig& limit) { return OptionText::Quoted(limit.name); },
     "made of count and per, such as \"connections-client\"", R"("newsletter senders")",
     "What the limit is called in the log, in replies and by mxwardctl. Each limit has another "
     "name. Its counters are known by it: they outlive a reload as long as the name stays."},
    {"count", LimitWord<&LimitDraft::count>(kCountWords),
     [](const LimitConfig& limit) { return OptionText::Quoted(LimitCountWord(limit.count)); },
     "none, it is needed", R"("connections")",
     "What is counted: new \"connections\"; \"concurrent\" ones, which are open now; \"messages\"; "
     "their \"recipients\"; or \"bad-recipients\", different ones that the MTA refused because "
     "they do not exist, as those do who try names one after the other."},
    {"per", LimitWord<&LimitDraft::per>(kPerWords),
     [](const LimitConfig& limit) { return OptionText::Quoted(LimitPerWord(limit.per)); },
     "none, it is needed", R"("client")",
     "Whom it is counted for, each by itself: a \"client\", which is one address, or for IPv6 one "
     "network of 64 bits; a \"network\" of clients; a \"sender\" or \"sender-domain\", not the "
     "null sender; a \"recipient\"; or a \"user\" that has logged in. Only clients and networks "
     "can "
     "be counted for connections, concurrent and bad-recipients."},
    {"rate", LimitRateKind(),
     [](const LimitConfig& limit) { return OptionText::Quoted(RateText(limit)); },
     "none, it is needed", R"("300/1m")",
     "How many are allowed in which time. Where so many may not come at once, or more may after a "
     "rest, a burst says how many: with \"10/1h burst 30\", 30 at once and then one every 6 "
     "minutes. The burst is the amount by default. For concurrent it is only the number, such as "
     "\"20\"; bad-recipients have no burst. From 1 to 1000000, the time from 1s to 30d."},
    {"share", LimitIntegerKind{&LimitDraft::share, 0, 100}, Share, "50", "50",
     "Of bad-recipients: the limit is over only when more than so many per cent of all the "
     "recipients were bad, so that a busy server with an old address list stays below it."},
    {"prefix_v4", LimitIntegerKind{&LimitDraft::prefix_v4, 8, 32},
     PrefixLength<&LimitConfig::prefix_v4>, "24", "24",
     "Per network: the length in bits of the prefix that is one network, for IPv4."},
    {"prefix_v6", LimitIntegerKind{&LimitDraft::prefix_v6, 16, 64},
     PrefixLength<&LimitConfig::prefix_v6>, "48", "48", "The same for IPv6."},
    {"action", LimitWord<&LimitDraft::action>(kLimitActionWords),
     [](const LimitConfig& limit) { return OptionText::Quoted(LimitActionWord(limit.action)); },
     R"("defer")", R"("defer")",
     "What is done with what is over the limit: \"defer\" asks the client to come back later; "
     "\"reject\" refuses it; \"score\" only adds to the score; \"observe\" only logs and counts."},
    {"score", LimitIntegerKind{&LimitDraft::score, 1, 100}, Score, "none", "4",
     "What action = \"score\" adds, which needs it."},
    {"at", LimitWord<&LimitDraft::at>(kAtWords), AnsweredAt, R"("rcpt")", R"("connect")",
     "Of connections and concurrent: where it answers. \"rcpt\" answers each recipient, so that "
     "the client learns why, and the log whom it concerns. \"connect\" turns the client away "
     "before "
     "anything is looked up about it, which is cheaper under attack; Postfix tells it the reason "
     "at "
     "MAIL, Sendmail does not. The submission ports 465 and 587 are spared from it."},
    {"spare", LimitSpareKind(), Spare, "[]", R"(["192.0.2.0/24", "example.org"])",
     "Clients that the limit does not hold for: addresses, prefixes, and domains, which stand for "
     "all clients with a verified name equal to them or below."},
};

struct LimitKindWriter {
  std::string operator()(const LimitNameKind&) const { return "a text in quotes"; }
  std::string operator()(const LimitWordKind& kind) const {
    return WordList({kind.words.begin(), kind.words.end()}, "or");
  }
  std::string operator()(const LimitRateKind&) const { return "a rate in quotes"; }
  std::string operator()(const LimitIntegerKind& kind) const {
    return fmt::format("an integer from {} to {}", kind.min, kind.max);
  }
  std::string operator()(const LimitSpareKind&) const {
    return "a list of IP addresses, prefixes and domains";
  }
};

}  // namespace

std::span<const LimitField> LimitFields() { return kLimitFields; }

std::string DescribeKind(const LimitField& field) {
  return std::visit(LimitKindWriter(), field.kind);
}

std::string_view LimitCountWord(LimitCount count) { return WordOf(kCountWords, count); }
std::string_view LimitPerWord(LimitPer per) { return WordOf(kPerWords, per); }
std::string_view LimitActionWord(LimitAction action) { return WordOf(kLimitActionWords, action); }

std::string DefaultLimitName(LimitCount count, LimitPer per) {
  return fmt::format("{}-{}", LimitCountWord(count), LimitPerWord(per));
}

}  // namespace mxward
