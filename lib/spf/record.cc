// SPDX-License-Identifier: Apache-2.0
#include "spf/record.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "spf/macro.h"

namespace mxward::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::string_view kRedirect = "redirect";
constexpr std::string_view kExplanation = "exp";

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// name "=": the length of the name of a modifier, 0 of a directive (section 4.6.1).
std::size_t ModifierName(std::string_view term) {
  std::size_t size = 0;
  while (size < term.size() && IsNameByte(term[size])) ++size;
  return size > 0 && size < term.size() && term[size] == '=' ? size : 0;
}

tl::unexpected<Error> Malformed(const std::string& what) { return Fail(ErrorCode::kInvalid, what); }

// The number after a slash: without zeros in front, at most `most`.
std::optional<int> ReadLength(std::string_view digits, int most) {
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) {
    return std::nullopt;
  }
  int length = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + (c - '0');
  }
  if (length > most) return std::nullopt;
  return length;
}

// Digits at the end of the text with a slash before them; where the slash is, or npos.
std::size_t SlashBeforeDigits(std::string_view text) {
  const std::size_t last = text.find_last_not_of("0123456789");
  if (last == std::string_view::npos || text[last] != '/' || last + 1 == text.size()) {
    return std::string_view::npos;
  }
  return last;
}

// dual-cidr-length = [ "/" ip4 ] [ "//" ip6 ], taken off the end of the text.
Result<void> ReadDualLength(std::string_view& text, Term& term) {
  std::size_t slash = SlashBeforeDigits(text);
  if (slash != std::string_view::npos && slash > 0 && text[slash - 1] == '/') {
    const auto length = ReadLength(text.substr(slash + 1), 128);
    if (!length) return Malformed("an IPv6 prefix length is 0 to 128");
    term.length6 = *length;
    text = text.substr(0, slash - 1);
    slash = SlashBeforeDigits(text);
  }
  if (slash != std::string_view::npos) {
    const auto length = ReadLength(text.substr(slash + 1), 32);
    if (!length) return Malformed("an IPv4 prefix length is 0 to 32");
    term.length4 = *length;
    text = text.substr(0, slash);
  }
  return {};
}

// The address of ip4 or ip6, as RFC 7208 allows it to be written: no brackets, no zone.
Result<void> ReadNetwork(std::string_view text, bool is_v4, Term& term) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto length = ReadLength(text.substr(slash + 1), is_v4 ? 32 : 128);
    if (!length) return Malformed("a prefix length is 0 to " + std::string(is_v4 ? "32" : "128"));
    (is_v4 ? term.length4 : term.length6) = *length;
    text = text.substr(0, slash);
  }
  const std::string address(text);
  term.network.is_v4 = is_v4;
  if (address.find('\0') != std::string::npos ||
      inet_pton(is_v4 ? AF_INET : AF_INET6, address.c_str(), term.network.bytes.data()) != 1) {
    return Malformed("not an IPv" + std::string(is_v4 ? "4" : "6") + " address");
  }
  return {};
}

std::optional<Mechanism> MechanismOf(std::string_view name) {
  return FromWord<Mechanism>(ToLower(name));
}

std::optional<ResultCode> QualifierOf(char c) {
  switch (c) {
    case '+':
      return ResultCode::kPass;
    case '-':
      return ResultCode::kFail;
    case '~':
      return ResultCode::kSoftfail;
    case '?':
      return ResultCode::kNeutral;
    default:
      return std::nullopt;
  }
}

Result<void> NeedsNothing(std::string_view rest) {
  if (rest.empty()) return {};
  return Malformed("takes no argument");
}

// After the name of the mechanism: ":" domain-spec, or nothing where that is optional.
Result<void> ReadDomain(std::string_view rest, bool optional, bool one_label, Term& term) {
  if (rest.empty() && optional) return {};
  if (!rest.starts_with(':')) return Malformed(optional ? "malformed" : "needs a domain");
  term.spec = rest.substr(1);
  return CheckDomainSpec(term.spec, one_label);
}

Result<void> ReadArguments(std::string_view rest, bool one_label, Term& term) {
  switch (term.mechanism) {
    case Mechanism::kAll:
      return NeedsNothing(rest);
    case Mechanism::kInclude:
    case Mechanism::kExists:
      return ReadDomain(rest, /*optional=*/false, one_label, term);
    case Mechanism::kPtr:
      return ReadDomain(rest, /*optional=*/true, one_label, term);
    case Mechanism::kA:
    case Mechanism::kMx:
      MXWARD_TRY(ReadDualLength(rest, term));
      return ReadDomain(rest, /*optional=*/true, one_label, term);
    case Mechanism::kIp4:
    case Mechanism::kIp6:
      if (!rest.starts_with(':')) return Malformed("needs an address");
      return ReadNetwork(rest.substr(1), term.mechanism == Mechanism::kIp4, term);
  }
  return Malformed("malformed");
}

Result<Term> ReadDirective(std::string_view text, bool one_label) {
  Term term;
  term.text = text;
  if (const auto qualifier = QualifierOf(text.front())) {
    term.qualifier = *qualifier;
    text.remove_prefix(1);
  }
  const std::size_t end = std::min(text.find_first_of(":/"), text.size());
  const auto mechanism = MechanismOf(text.substr(0, end));
  if (!mechanism) return Malformed("unknown mechanism");
  term.mechanism = *mechanism;
  MXWARD_TRY(ReadArguments(text.substr(end), one_label, term));
  return term;
}

// The words of a record, which blanks alone separate.
std::string_view NextWord(std::string_view text, std::size_t& place) {
  const std::size_t begin = std::min(text.find_first_not_of(' ', place), text.size());
  place = std::min(text.find(' ', begin), text.size());
  return text.substr(begin, place - begin);
}

Result<void> CheckModifier(std::string_view word, std::size_t name_size, bool one_label) {
  if (!IsLetter(word.front())) return Malformed("a modifier's name begins with a letter");
  const std::string_view name = word.substr(0, name_size);
  const std::string_view value = word.substr(name_size + 1);
  if (EqualsNoCase(name, kRedirect) || EqualsNoCase(name, kExplanation)) {
    return CheckDomainSpec(value, one_label);
  }
  return CheckMacroString(value);
}

}  // namespace

bool Network::Holds(const IpAddress& client, int length) const {
  if (client.is_v4() != is_v4) return false;
  const auto whole = static_cast<std::size_t>(length / 8);
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  client.bytes().begin())) {
    return false;
  }
  const unsigned mask = length % 8 == 0 ? 0U : 0xff00U >> static_cast<unsigned>(length % 8);
  return mask == 0 || ((bytes[whole] ^ client.bytes()[whole]) & mask & 0xffU) == 0;
}

Result<Record> Record::Parse(std::string text, bool one_label) {
  Record record;
  record.text_ = std::move(text);
  const std::string_view all = record.text_;
  bool explained = false;
  std::size_t place = kVersion.size();
  for (std::string_view word = NextWord(all, place); !word.empty(); word = NextWord(all, place)) {
    const auto in_word = [&](const Error& error) {
      return Fail("\"" + EscapeForLog(word, 80) + "\"", error);
    };
    const std::size_t name_size = ModifierName(word);
    if (name_size == 0) {
      if (const auto term = ReadDirective(word, one_label); !term) return in_word(term.error());
      continue;
    }
    if (auto checked = CheckModifier(word, name_size, one_label); !checked) {
      return in_word(checked.error());
    }
    const std::string_view name = word.substr(0, name_size);
    const bool is_redirect = EqualsNoCase(name, kRedirect);
    const bool is_explanation = EqualsNoCase(name, kExplanation);
    // Section 6: neither may stand there twice.
    if ((is_redirect && record.redirect_size_ > 0) || (is_explanation && explained)) {
      return in_word({ErrorCode::kInvalid, "appears more than once"});
    }
    explained = explained || is_explanation;
    if (is_redirect) {
      record.redirect_ = static_cast<std::size_t>(word.data() - all.data());
      record.redirect_size_ = word.size();
    }
  }
  return record;
}

std::optional<Term> Record::Next(std::size_t& place) const {
  place = std::max(place, std::min(kVersion.size(), text_.size()));
  for (;;) {
    const std::string_view word = NextWord(text_, place);
    if (word.empty()) return std::nullopt;
    if (ModifierName(word) > 0) continue;
    // It has been read before, by the stricter of both rules or by the one that holds.
    if (auto term = ReadDirective(word, /*one_label=*/true)) return *std::move(term);
  }
}

std::string_view Record::redirect_text() const {
  return std::string_view(text_).substr(redirect_, redirect_size_);
}

std::string_view Record::redirect() const {
  if (redirect_size_ == 0) return {};
  return redirect_text().substr(kRedirect.size() + 1);
}

std::vector<std::string> SelectRecords(const std::vector<std::string>& texts) {
  std::vector<std::string> records;
  for (const std::string& text : texts) {
    const std::string_view view = text;
    if (!EqualsNoCase(view.substr(0, kVersion.size()), kVersion)) continue;
    if (view.size() == kVersion.size() || view[kVersion.size()] == ' ') records.push_back(text);
  }
  return records;
}

}  // namespace mxward::spf
