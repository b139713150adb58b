// SPDX-License-Identifier: Apache-2.0
#include "match/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/mail_address.h"
#include "base/text.h"
#include "match/keys.h"
#include "match/regex.h"
#include "match/wildcard.h"

namespace mxward::match {
namespace {

constexpr std::size_t kMostComplaints = 5;
constexpr std::size_t kMostDomain = 253;  // RFC 1035 2.3.4
// Of what the network sends, no more is searched.
constexpr std::size_t kMostSubject = 1024;

using Sign = KeySet::Sign;

struct Searched {
  explicit Searched(bool excepts) : out(excepts) {}

  bool out;
  std::variant<std::string, Regex> pattern;  // with '*', or an expression

  bool Matches(std::string_view text) const {
    if (const auto* regex = std::get_if<Regex>(&pattern)) return regex->Matches(text);
    return MatchesWildcard(std::get<std::string>(pattern), text);
  }
};

Result<void> Bad(std::string message) { return Fail(ErrorCode::kInvalid, std::move(message)); }

std::string Shown(std::string_view text) { return "\"" + EscapeForLog(text, 60) + "\""; }

bool IsDomain(std::string_view text) {
  if (text.empty() || text.size() > kMostDomain || text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

// Of a pattern with '*' the labels of its domain that have none, in A-labels: what it is compared
// with has no others.
std::string CanonicalWildcard(std::string_view text) {
  if (IsAscii(text)) return std::string(text);
  const std::size_t at = text.rfind('@');
  std::string out(text.substr(0, at == std::string_view::npos ? 0 : at + 1));
  for (text.remove_prefix(out.size()); !text.empty();) {
    const std::string_view label = text.substr(0, text.find('.'));
    out += label.find('*') == std::string_view::npos ? CanonicalDomain(label) : std::string(label);
    text.remove_prefix(label.size());
    if (text.starts_with('.')) {
      out += '.';
      text.remove_prefix(1);
    }
  }
  return out;
}

bool LooksLikeClient(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string_view::npos &&
         text.find_first_of(":/") != std::string_view::npos;
}

}  // namespace

struct Patterns::Compiled {
  Subject subject = Subject::kClients;
  KeySet keys;
  Lengths labels;            // of domains
  Lengths v4_bits, v6_bits;  // of prefixes
  std::vector<Searched> searched;
  std::vector<std::string> items;
  std::size_t size = 0;
  bool only_exceptions = false;
  bool names_some = false;   // something that is no exception
  std::uint64_t digest = 0;  // of all patterns

  bool Matches(std::span<const std::string_view> found_by, std::string_view text) const {
    text = text.substr(0, kMostSubject);
    const std::optional<Sign> sign = keys.Find(found_by);
    if (sign == Sign::kOut) return false;
    bool in = sign == Sign::kIn || only_exceptions;
    for (const Searched& one : searched) {
      if (one.out ? one.Matches(text) : !in && one.Matches(text)) {
        if (one.out) return false;
        in = true;
      }
    }
    return in;
  }
};

Patterns::Patterns(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Patterns::~Patterns() = default;
Patterns::Patterns(const Patterns&) = default;
Patterns& Patterns::operator=(const Patterns&) = default;
Patterns::Patterns(Patterns&&) noexcept = default;
Patterns& Patterns::operator=(Patterns&&) noexcept = default;

bool Patterns::MatchesClient(const IpAddress& client) const {
  if (empty()) return false;
  const Lengths& lengths = client.is_v4() ? compiled_->v4_bits : compiled_->v6_bits;
  return compiled_->Matches(ClientKeys(client, lengths).all(), "");
}

bool Patterns::MatchesName(std::string_view name) const {
  if (empty() || name.empty()) return false;
  return compiled_->Matches(NameKeys(name, compiled_->labels).all(), name);
}

bool Patterns::MatchesAddress(std::string_view address) const {
  if (empty()) return false;
  if (address.empty()) {
    static constexpr std::string_view kNull[] = {"<>"};
    return compiled_->Matches(kNull, kNull[0]);
  }
  const MailAddress parts = SplitMailAddress(address);
  return compiled_->Matches(AddressKeys(parts.local, parts.domain, compiled_->labels).all(),
                            address);
}

const std::vector<std::string>& Patterns::items() const {
  static const std::vector<std::string> none;
  return empty() ? none : compiled_->items;
}

std::size_t Patterns::size() const { return empty() ? 0 : compiled_->size; }
std::uint64_t Patterns::digest() const { return empty() ? 0 : compiled_->digest; }

bool Patterns::operator==(const Patterns& other) const {
  if (compiled_ == other.compiled_) return true;
  if (empty() || other.empty()) return false;
  return compiled_->items == other.compiled_->items && compiled_->digest == other.compiled_->digest;
}

PatternsBuilder::PatternsBuilder(Subject subject, std::span<const Prefix> nat64)
    : subject_(subject), nat64_(nat64), compiled_(std::make_unique<Patterns::Compiled>()) {
  compiled_->subject = subject;
}
PatternsBuilder::~PatternsBuilder() = default;

Result<void> PatternsBuilder::AddKey(std::string_view key, bool out) {
  if (!compiled_->keys.Add(key, out ? Sign::kOut : Sign::kIn)) {
    return Bad("too many patterns: they need more than 4 GiB");
  }
  return {};
}

Result<void> PatternsBuilder::AddClient(std::string_view text, bool out) {
  MXWARD_TRY(const auto written, Prefix::Parse(text));
  if (IsOfTranslator(written, nat64_)) return Bad(OfTranslatorText(written));
  const Prefix prefix = ClientPrefix(written, nat64_);
  Lengths& lengths = prefix.address().is_v4() ? compiled_->v4_bits : compiled_->v6_bits;
  lengths.set(static_cast<std::size_t>(prefix.length()));
  return AddKey(PrefixKey(prefix), out);
}

// mark: "." for the domain and all below it, "@" for the domain alone.
Result<void> PatternsBuilder::AddDomain(std::string_view written, std::string_view mark, bool out) {
  const std::string text = CanonicalDomain(written);
  if (!IsDomain(text)) return Bad(fmt::format("{} is not a domain", Shown(written)));
  if (mark == ".") {
    const std::size_t labels = LabelsOf(text);
    if (labels > kMaxLabels) {
      return Bad(fmt::format("{} has more than {} labels", Shown(text), kMaxLabels));
    }
    compiled_->labels.set(labels);
  }
  return AddKey(std::string(mark).append(text), out);
}

Result<void> PatternsBuilder::AddAddress(std::string_view text, bool out) {
  if (text == "<>") return AddKey(text, out);
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return AddDomain(text, ".", out);
  if (at == 0) return AddDomain(text.substr(1), "@", out);
  const std::string domain = CanonicalDomain(text.substr(at + 1));
  if (!domain.empty() && domain.front() != '[' && !IsDomain(domain)) {
    return Bad(fmt::format("{} is not a mail address: {} is not a domain", Shown(text),
                           Shown(text.substr(at + 1))));
  }
  std::string key = CanonicalAddressText(text);
  if (domain.empty()) key += '@';
  // What the form leaves out was not meant as it stands.
  const bool clean = text.find_first_of("\t\r\n<>") == std::string_view::npos &&
                     (text.find('"') != std::string_view::npos ||
                      text.find_first_of(" ()") == std::string_view::npos);
  if (key.size() > KeySet::kMaxKey || !clean) {
    return Bad(fmt::format("{} is not a mail address", Shown(text)));
  }
  return AddKey(key, out);
}

Result<void> PatternsBuilder::Add(std::string_view text) {
  const std::string_view written = text;
  const bool out = text.starts_with('!');
  if (out) text.remove_prefix(1);
  if (Trim(text).empty()) return Bad(out ? "\"!\" excepts nothing" : "must not be empty");
  const bool expression = text.size() > 1 && text.front() == '/' && text.back() == '/';
  std::string lower = ToLower(text);
  const bool domain_like = subject_ != Subject::kClients && !expression && text != "<>";
  if (domain_like && lower.ends_with('.')) lower.pop_back();
  Result<void> added;
  if (subject_ == Subject::kClients) {
    added = AddClient(text, out);
  } else if (expression || lower.find('*') != std::string::npos) {
    if (compiled_->searched.size() == kMostSearched) {
      return Bad(
          fmt::format("more than {} patterns with '*' or expressions; each is compared with "
                      "every recipient",
                      kMostSearched));
    }
    if (expression) {
      auto regex = Regex::Compile(std::string(text.substr(1, text.size() - 2)));
      if (!regex) {
        return Bad(fmt::format("{} is not a valid regular expression: {}", Shown(text),
                               regex.error().message));
      }
      compiled_->searched.emplace_back(out).pattern = *std::move(regex);
    } else {
      compiled_->searched.emplace_back(out).pattern = CanonicalWildcard(lower);
    }
  } else if (LooksLikeClient(text)) {
    return Bad(fmt::format("{} is an address or a prefix of clients: it belongs to \"client\"",
                           Shown(text)));
  } else if (subject_ == Subject::kNames) {
    added = AddDomain(lower, ".", out);
  } else {
    added = AddAddress(lower, out);
  }
  if (!added) return added;
  compiled_->names_some = compiled_->names_some || !out;
  ++compiled_->size;
  // In any order the same patterns would be equal; that they are not is no harm.
  compiled_->digest = compiled_->digest * 1099511628211U ^ std::hash<std::string_view>()(written);
  return {};
}

std::vector<std::string> PatternsBuilder::AddLines(std::string_view content) {
  std::vector<std::string> complaints;
  std::size_t wrong = 0;
  compiled_->names_some = true;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    for (std::size_t mark = line.find('#'); mark != std::string_view::npos;
         mark = line.find('#', mark + 1)) {
      if (mark > 0 && line[mark - 1] != ' ' && line[mark - 1] != '\t') continue;
      line = line.substr(0, mark);
      break;
    }
    line = Trim(line);
    if (line.empty()) continue;
    const auto added = Add(line);
    if (added || ++wrong > kMostComplaints) continue;
    complaints.push_back(fmt::format("{}: {}", number, added.error().message));
  }
  if (wrong > kMostComplaints) {
    complaints.push_back(fmt::format("and {} more wrong lines", wrong - kMostComplaints));
  }
  return complaints;
}

Patterns PatternsBuilder::Build(std::vector<std::string> items) && {
  compiled_->items = std::move(items);
  compiled_->only_exceptions = compiled_->size > 0 && !compiled_->names_some;
  compiled_->keys.Build();
  return Patterns(std::move(compiled_));
}

}  // namespace mxward::match
