// SPDX-License-Identifier: Apache-2.0
#include "base/canonical_address.h"

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/a_labels.h"
#include "base/ip_address.h"
#include "base/mail_address.h"
#include "base/text.h"

namespace mxward {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

// What may stand in a part that has its form already.
constexpr std::uint8_t kInLocal = 1;
constexpr std::uint8_t kInDomain = 2;

constexpr std::array<std::uint8_t, 256> ClassTable() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = kInLocal | kInDomain;
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = kInLocal | kInDomain;
  for (const char c : {'.', '-', '_'}) table[static_cast<unsigned char>(c)] = kInLocal | kInDomain;
  // The rest of RFC 5322's atext.
  for (const char c : std::string_view("!#$%&'*+/=?^`{|}~")) {
    table[static_cast<unsigned char>(c)] = kInLocal;
  }
  return table;
}
constexpr std::array<std::uint8_t, 256> kClasses = ClassTable();

bool Is(char c, std::uint8_t what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The size of the local part of what has the form already; nowhere: it has not.
std::size_t PlainLocalSize(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && Is(text[at], kInLocal)) ++at;
  if (at == text.size()) return at;
  if (text[at] != '@' || at == 0 || at + 1 == text.size() || text.back() == '.') return kNowhere;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (!Is(text[i], kInDomain)) return kNowhere;
  }
  return at;
}

// Behind the comment that begins there (RFC 5322 3.2.2), or nowhere: it does not end.
std::size_t EndOfComment(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return kNowhere;
}

std::string WithoutComments(std::string_view text) {
  std::string out;
  bool quoted = false;
  bool unending = false;  // one was found: no later one ends
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' && !quoted && !unending) {
      const std::size_t end = EndOfComment(text, i);
      unending = end == kNowhere;
      if (!unending) {
        out += ' ';
        i = end - 1;
        continue;
      }
    }
    out += c;
    if (c == '\\' && i + 1 < text.size()) {
      out += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    }
  }
  return out;
}

// Without quotes and quoted pairs, and without blanks between the parts.
std::string Unquoted(std::string_view text) {
  std::string out;
  bool quoted = false;
  bool blank = false;  // stood in front of what comes
  bool joint = true;   // at the beginning, and after a dot or an '@'
  const auto add = [&](char c) {
    if (blank && !joint) out += ' ';
    blank = joint = false;
    out += c;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (i + 1 < text.size()) add(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && IsBlank(c)) {
      blank = true;
    } else if (!quoted && (c == '@' || c == '.')) {
      blank = false;
      joint = true;
      out += c;
    } else {
      add(c);
    }
  }
  return out;
}

struct Free {
  void operator()(std::uint8_t* text) const { std::free(text); }
};

// Case-folded and in NFC; what is not UTF-8 in lower case as far as it is ASCII.
std::string Folded(std::string_view text) {
  if (IsAscii(text)) return ToLower(text);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (u8_check(bytes, text.size()) != nullptr) return ToLower(text);
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, Free> folded(
      u8_casefold(bytes, text.size(), /*iso639_language=*/nullptr, UNINORM_NFC, nullptr, &size));
  if (folded == nullptr) return ToLower(text);
  return {reinterpret_cast<const char*>(folded.get()), size};
}

std::string QuotedWhereNeeded(std::string local) {
  const bool plain = std::all_of(local.begin(), local.end(),
                                 [](char c) { return Is(c, kInLocal) || (c & 0x80) != 0; });
  if (plain && !local.empty()) return local;
  std::string out = "\"";
  for (const char c : local) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

void DropTrailingDots(std::string& domain) {
  while (domain.ends_with('.') || domain.ends_with(' ')) domain.pop_back();
}

// Without characters that no domain has, and which would mean something else in an address.
std::string WithoutSpecials(std::string_view domain) {
  static constexpr std::string_view kSpecials = "\"\\()<>";
  std::string out(domain);
  std::erase_if(out, [](char c) { return kSpecials.find(c) != kNowhere; });
  return Unquoted(out);
}

bool IsPlainDomain(std::string_view domain) {
  return std::all_of(domain.begin(), domain.end(), [](char c) { return Is(c, kInDomain); });
}

}  // namespace

std::string CanonicalDomain(std::string_view given) {
  std::string domain = WithoutSpecials(given);
  DropTrailingDots(domain);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    if (const auto address = IpAddress::Parse(domain)) {
      return (address->is_v4() ? "[" : "[ipv6:") + address->ToString() + "]";
    }
  }
  if (IsAscii(domain)) return ToLower(domain);
  // Some characters stand for ASCII ones, of which not all can be in a domain.
  auto converted = ToALabels(domain);
  if (!converted || !IsPlainDomain(*converted)) {
    // What has no A-labels as it is given may have them once it is folded.
    domain = Folded(domain);
    converted = ToALabels(domain);
  }
  if (converted && IsPlainDomain(*converted)) domain = *std::move(converted);
  // An ideographic full stop was one, too.
  DropTrailingDots(domain);
  return domain;
}

CanonicalAddress::CanonicalAddress(std::string_view given) : text_(given) {
  local_size_ = PlainLocalSize(given);
  as_given_ = local_size_ != kNowhere;
  if (as_given_) return;
  std::string bare;
  std::string_view text = given;
  if (text.find('(') != kNowhere) text = bare = WithoutComments(text);
  // Also what was quoted as a whole, or is not balanced, is an address to an MTA.
  std::string local = Unquoted(WithoutRoute(text));
  std::string domain;
  for (std::size_t at = local.rfind('@'); at != kNowhere && domain.empty(); at = local.rfind('@')) {
    domain = CanonicalDomain(std::string_view(local).substr(at + 1));
    local.resize(at);
  }
  local = Folded(local);
  if (!local.empty() || !domain.empty()) own_ = QuotedWhereNeeded(std::move(local));
  local_size_ = own_.size();
  if (!domain.empty()) {
    own_ += '@';
    own_ += domain;
  }
  text_ = own_;
}

std::string_view CanonicalAddress::domain() const {
  return local_size_ < text_.size() ? text_.substr(local_size_ + 1) : std::string_view();
}

std::string CanonicalAddressText(std::string_view given) {
  return std::string(CanonicalAddress(given).text());
}

}  // namespace mxward
