// SPDX-License-Identifier: Apache-2.0
#include "config/limit_section.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "base/units.h"
#include "config/checks.h"
#include "config/kinds.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

constexpr std::int64_t kMaxAmount = 1000000;
constexpr Millis kMinPeriod = 1s;
constexpr Millis kMaxPeriod = 30 * 24h;
constexpr std::string_view kBurst = "burst";

// Removes the word at the front of text, and the blanks after it.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = Trim(text.substr(end));
  return word;
}

// One rate as written; each part says what is wrong with it.
class RateParser {
 public:
  explicit RateParser(std::string_view text) : text_(text) {}

  Result<LimitRate> Parse() const {
    LimitRate rate;
    const std::size_t slash = text_.find('/');
    MXWARD_TRY(const auto amount, Number("the amount", Trim(text_.substr(0, slash))));
    rate.amount = amount;
    if (slash == std::string_view::npos) return rate;

    std::string_view rest = Trim(text_.substr(slash + 1));
    const std::string_view time = TakeWord(rest);
    MXWARD_TRY(const auto period, Period(time, rate.amount));
    rate.period = period;
    if (rest.empty()) return rate;

    if (const std::string_view word = TakeWord(rest); word != kBurst) {
      return Bad(fmt::format("only \"burst\" and a number may follow the time; found {}{}",
                             Quoted(word), DidYouMean(word, {kBurst})));
    }
    MXWARD_TRY(const auto burst, Number("the burst", rest));
    rate.burst = burst;
    return rate;
  }

 private:
  tl::unexpected<Error> Bad(std::string_view why) const {
    return Fail(ErrorCode::kInvalid, fmt::format("{}: {}", Quoted(text_), why));
  }

  Result<std::int64_t> Number(std::string_view what, std::string_view digits) const {
    std::int64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error == std::errc::result_out_of_range) number = kMaxAmount + 1;
    if (error == std::errc::invalid_argument || stop != end) {
      return Bad(
          fmt::format("{} must be a whole number, as in \"300/1m\" or \"10/1h burst 30\"", what));
    }
    if (number < 1 || number > kMaxAmount) {
      return Bad(fmt::format("{} must be from 1 to {}", what, kMaxAmount));
    }
    return number;
  }

  Result<Seconds> Period(std::string_view time, std::int64_t amount) const {
    if (time.empty() || (time.front() >= 'a' && time.front() <= 'z')) {
      const auto one = ParseDuration(fmt::format("1{}", time));
      return Bad(fmt::format("the time needs a number and a unit, such as \"{}/{}\"", amount,
                             one ? fmt::format("1{}", time) : "1m"));
    }
    const auto period = ParseDuration(time);
    if (!period) return Bad("the time " + period.error().message);
    if (*period < kMinPeriod || *period > kMaxPeriod) {
      return Bad(fmt::format("the time must be from {} to {}", FormatDuration(kMinPeriod),
                             FormatDuration(kMaxPeriod)));
    }
    const auto seconds = std::chrono::floor<Seconds>(*period);
    if (seconds != *period) return Bad("the time must be whole seconds");
    return seconds;
  }

  std::string_view text_;
};

// Addresses, prefixes and domains.
struct ExemptKind {
  static std::optional<LimitExempt> Read(const TomlValue& value, FieldReader& reader) {
    if (value.kind != TomlValue::Kind::kArray) {
      reader.WrongType(value);
      return std::nullopt;
    }
    LimitExempt out;
    for (const TomlValue& item : value.items) {
      if (item.kind != TomlValue::Kind::kString) {
        reader.WrongItem(value, item);
      } else {
        Add(item, out, reader);
      }
    }
    if (reader.failed()) return std::nullopt;
    return out;
  }
  static OptionText Write(const LimitExempt& value) {
    std::vector<std::string> out;
    for (const Prefix& prefix : value.networks) out.push_back(TomlQuote(prefix.ToString()));
    for (const std::string& name : value.names) out.push_back(TomlQuote(name));
    return OptionText::List(std::move(out));
  }
  static std::string Describe() { return "a list of IP addresses, prefixes and domains"; }

 private:
  static void Add(const TomlValue& item, LimitExempt& out, FieldReader& reader) {
    // Of these alone, and with a colon, a slash or a digit at the end: that is not a domain.
    const std::string& text = item.text;
    const bool address = text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string::npos &&
                         (text.find_first_of(":/") != std::string::npos ||
                          text.find_last_of("0123456789") + 1 == text.size());
    if (address) {
      const auto prefix = Prefix::Parse(text);
      if (!prefix) return reader.Problem(item.place, prefix.error().message);
      out.networks.push_back(*prefix);
    } else {
      auto domain = CheckDomain(text);
      if (!domain) return reader.Problem(item.place, domain.error().message);
      out.names.push_back(*std::move(domain));
    }
  }
};

std::span<const Field<LimitDraft>> LimitFields() {
  static const Field<LimitDraft> rows[] = {
      {.section = "limit",
       .key = "name",
       .kind = Text(At<&LimitDraft::name>(), CheckLimitName),
       .default_value = Prose{"made of count and per, such as \"connections-client\""},
       .description =
           "The name of the limit in the log, in replies and in mxwardctl. Names must be unique. "
           "Counters belong to the name: they survive a reload as long as it stays the same.",
       .example = R"("newsletter senders")"},
      {.section = "limit",
       .key = "count",
       .kind = Word(At<&LimitDraft::count>()),
       .default_value = Prose{"none, it is needed"},
       .description = "What is counted: new \"connections\"; \"concurrent\" (open) connections; "
                      "\"messages\"; their \"recipients\"; or \"bad-recipients\", different ones "
                      "that the MTA rejected because they do not exist, as in address harvesting.",
       .example = R"("connections")"},
      {.section = "limit",
       .key = "per",
       .kind = Word(At<&LimitDraft::per>()),
       .default_value = Prose{"none, it is needed"},
       .description =
           "What is counted separately: each \"client\", which is one address, or for IPv6 one "
           "/64; each \"network\" of clients; each \"sender\" or \"sender-domain\", except for the "
           "null sender; each \"recipient\"; each authenticated \"user\"; or each \"account\" (see "
           "ACCOUNTS in mxward(8)), for which SPF is evaluated for every message: one that has no "
           "account is not limited. Only clients and networks can be counted for connections, "
           "concurrent and bad-recipients.",
       .example = R"("client")"},
      {.section = "limit",
       .key = "rate",
       .kind =
           Bind(At<&LimitDraft::rate>(),
                TextKind<LimitRate>{.parse = LimitRate::Parse,
                                    .text = [](const LimitRate& rate) { return rate.ToString(); },
                                    .what = "a rate in quotes",
                                    .also_integer = true}),
       .default_value = Prose{"none, it is needed"},
       .description =
           "How many are allowed in what time. A burst sets how many may come at once: with "
           "\"10/1h burst 30\", 30 at once and then one every 6 minutes. By default the burst is "
           "equal to the amount. For concurrent, only a number is given, such as \"20\"; "
           "bad-recipients have no burst. From 1 to 1000000, the time from 1s to 30d.",
       .example = R"("300/1m")"},
      {.section = "limit",
       .key = "share",
       .kind = Integer(At<&LimitDraft::share>(), 0, 100),
       .default_value = 50,
       .description = "For bad-recipients: the limit is exceeded only if more than this percentage "
                      "of all recipients was bad, so that a busy server with an outdated address "
                      "list stays below it.",
       .example = "50"},
      {.section = "limit",
       .key = "prefix_v4",
       .kind = Integer(At<&LimitDraft::prefix_v4>(), 8, 32),
       .default_value = 24,
       .description = "Per network: the prefix length of a network, for IPv4.",
       .example = "24"},
      {.section = "limit",
       .key = "prefix_v6",
       .kind = Integer(At<&LimitDraft::prefix_v6>(), 16, 64),
       .default_value = 48,
       .description = "The same for IPv6.",
       .example = "48"},
      {.section = "limit",
       .key = "action",
       .kind = Word(At<&LimitDraft::action>()),
       .default_value = "defer",
       .description =
           "What happens when the limit is exceeded: \"defer\" sends a temporary error; \"reject\" "
           "a permanent one; \"score\" only adds to the score; \"observe\" only logs and counts.",
       .example = R"("defer")"},
      {.section = "limit",
       .key = "score",
       .kind = Integer(At<&LimitDraft::score>(), 1, 100),
       .default_value = Prose{"none"},
       .description = "What action = \"score\" adds; required for that action.",
       .example = "4"},
      {.section = "limit",
       .key = "at",
       .kind = Word(At<&LimitDraft::at>()),
       .default_value = "rcpt",
       .description =
           "For connections and concurrent: when the client is refused. \"rcpt\" refuses each "
           "recipient, so that the client gets the reason, and the log has the recipient. "
           "\"connect\" refuses the client before anything is looked up about it, which is cheaper "
           "under attack; Postfix sends the reason at MAIL, Sendmail does not send it. The "
           "submission ports 465 and 587 are exempt from it.",
       .example = R"("connect")"},
      {.section = "limit",
       .key = "spare",
       .kind = Bind(At<&LimitDraft::exempt>(), ExemptKind()),
       .default_value = std::span<const std::string_view>(),
       .description = "Clients that are exempt from the limit: addresses, prefixes, and domains, "
                      "which match all clients with a verified name equal to them or below.",
       .example = R"(["192.0.2.0/24", "example.org"])"},
  };
  return rows;
}

// What the limit is called that has no name: "connections-client".
std::string DefaultLimitName(LimitCount count, LimitPer per) {
  return fmt::format("{}-{}", WordOf(count), WordOf(per));
}

bool OfConnections(LimitCount count) {
  return count == LimitCount::kConnections || count == LimitCount::kConcurrent;
}

// Makes a limit of a draft, or finds out why there is none.
class LimitFinisher {
 public:
  LimitFinisher(const LimitDraft& draft, EntryPlaces& places) : draft_(draft), places_(places) {}

  LimitConfig Finish() {
    FinishSubject();
    FinishRate();
    FinishExtras();
    FinishAction();
    if (draft_.exempt) {
      limit_.spare_networks = draft_.exempt->networks;
      limit_.spare_names = draft_.exempt->names;
    }
    return std::move(limit_);
  }

 private:
  void FinishSubject() {
    if (!draft_.count)
      places_.Need("count", "write what is counted, such as count = \"connections\"");
    if (!draft_.per) places_.Need("per", "write whom it is counted for, such as per = \"client\"");
    if (draft_.count) limit_.count = *draft_.count;
    if (draft_.per) limit_.per = *draft_.per;
    if (!draft_.count || !draft_.per) {
      limit_.name = draft_.name.value_or("");
      return;
    }
    if (draft_.name || !places_.Has("name")) {
      limit_.name = draft_.name.value_or(DefaultLimitName(limit_.count, limit_.per));
    }
    if (limit_.per == LimitPer::kClient || limit_.per == LimitPer::kNetwork) return;
    if (OfConnections(limit_.count)) {
      places_.Problem("per", fmt::format("{} can be counted per \"client\" or \"network\" only: "
                                         "nothing else is known at that time",
                                         Quoted(WordOf(limit_.count))));
    } else if (limit_.count == LimitCount::kBadRecipients) {
      places_.Problem("per",
                      "\"bad-recipients\" can be counted per \"client\" or \"network\" only: it is "
                      "a client that tries names");
    }
  }

  void FinishRate() {
    if (!draft_.rate) {
      return places_.Need("rate", "write how many are allowed, such as rate = \"300/1m\"");
    }
    if (!draft_.count) return;
    const LimitRate& rate = *draft_.rate;
    limit_.amount = rate.amount;
    if (limit_.count == LimitCount::kConcurrent) {
      limit_.burst = rate.amount;
      if (!rate.period) return;
      return places_.Problem(
          "rate",
          fmt::format("of \"concurrent\" it is how many may be open, without a time: rate = \"{}\"",
                      rate.amount));
    }
    if (!rate.period) {
      return places_.Problem("rate",
                             fmt::format("needs a time as well, such as \"{}/1h\"", rate.amount));
    }
    limit_.period = *rate.period;
    limit_.burst = rate.burst.value_or(rate.amount);
    if (rate.burst && limit_.count == LimitCount::kBadRecipients) {
      places_.Problem("rate",
                      "\"bad-recipients\" have no burst: the limit is exceeded as soon as the "
                      "amount is reached");
    }
  }

  // Keys that only go with some counts and subjects.
  void FinishExtras() {
    const bool bad = draft_.count == LimitCount::kBadRecipients;
    if (bad) limit_.share = draft_.share.value_or(0);
    if (draft_.count && !bad && places_.Has("share")) {
      places_.Problem("share", "is only valid with count = \"bad-recipients\"");
    }
    const bool network = draft_.per == LimitPer::kNetwork;
    if (network) {
      limit_.prefix_v4 = draft_.prefix_v4.value_or(0);
      limit_.prefix_v6 = draft_.prefix_v6.value_or(0);
    }
    for (const std::string_view key : {"prefix_v4", "prefix_v6"}) {
      if (!draft_.per || network || !places_.Has(key)) continue;
      places_.Problem(key, "is only valid with per = \"network\"");
    }
  }

  void FinishAction() {
    // One that is wrong may be any, so what goes with it is not looked at.
    const bool known = draft_.action.has_value();
    limit_.action = draft_.action.value_or(LimitAction::kDefer);
    limit_.score = draft_.score.value_or(0);
    limit_.at = draft_.at.value_or(LimitAt::kRcpt);
    const bool scores = limit_.action == LimitAction::kScore;
    if (scores) places_.Need("score", "write what the limit adds to the score, such as score = 4");
    if (known && !scores && places_.Has("score")) {
      places_.Problem("score", "is only valid with action = \"score\"");
    }
    if (limit_.at != LimitAt::kConnect) return;
    if (draft_.count && !OfConnections(limit_.count)) {
      places_.Problem("at", fmt::format("{} are not known when a client connects: remove this, or "
                                        "count \"connections\" or \"concurrent\"",
                                        Quoted(WordOf(limit_.count))));
    } else if (scores) {
      places_.Problem("at",
                      "action = \"score\" cannot answer when a client connects: the score is added "
                      "up for each recipient");
    }
  }

  const LimitDraft& draft_;
  EntryPlaces& places_;
  LimitConfig limit_;
};

LimitConfig FinishLimit(LimitDraft draft, EntryPlaces& places, const Config& /*config*/) {
  FillDefaults(LimitFields(), places, draft);
  return LimitFinisher(draft, places).Finish();
}

LimitDraft WrittenLimit(const LimitConfig& limit) {
  LimitDraft out;
  out.name = limit.name;
  out.count = limit.count;
  out.per = limit.per;
  out.rate = RateOf(limit);
  if (limit.count == LimitCount::kBadRecipients) out.share = limit.share;
  if (limit.per == LimitPer::kNetwork) {
    out.prefix_v4 = limit.prefix_v4;
    out.prefix_v6 = limit.prefix_v6;
  }
  out.action = limit.action;
  const bool scores = limit.action == LimitAction::kScore;
  if (scores) out.score = limit.score;
  if (!scores && OfConnections(limit.count)) out.at = limit.at;
  out.exempt = {limit.spare_networks, limit.spare_names};
  return out;
}

LimitDraft PlainLimit(const LimitConfig& limit) {
  LimitDraft out;
  for (const Field<LimitDraft>& field : LimitFields()) SetDefault(field, out);
  out.name = DefaultLimitName(limit.count, limit.per);
  return out;
}

}  // namespace

Result<LimitRate> LimitRate::Parse(std::string_view text) { return RateParser(Trim(text)).Parse(); }

std::string LimitRate::ToString() const {
  if (!period) return std::to_string(amount);
  const std::string out = fmt::format("{}/{}", amount, FormatDuration(*period));
  return burst ? fmt::format("{} {} {}", out, kBurst, *burst) : out;
}

LimitRate RateOf(const LimitConfig& limit) {
  LimitRate out;
  out.amount = limit.amount;
  if (limit.count == LimitCount::kConcurrent) return out;
  out.period = limit.period;
  const bool has_burst = limit.count != LimitCount::kBadRecipients && limit.burst != limit.amount;
  if (has_burst) out.burst = limit.burst;
  return out;
}

const EntryTable<LimitDraft, LimitConfig>& LimitTable() {
  static const EntryTable<LimitDraft, LimitConfig> table = {
      // Each costs something for every recipient.
      .words = {.name = "limit", .one = "limit", .many = "limits", .max = 50},
      .description =
          "Limits: each [[limit]] section (there may be several) limits how much a client, a "
          "sender or a recipient may do in a given time. There are none by default. If several "
          "limits are exceeded, the first of them answers.",
      .examples =
          "[[limit]]\n"
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
      .fields = LimitFields(),
      .finish = FinishLimit,
      .written = WrittenLimit,
      .plain = PlainLimit,
  };
  return table;
}

}  // namespace mxward
