// SPDX-License-Identifier: Apache-2.0
#include "greylist/sender.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/canonical_address.h"
#include "base/mail_address.h"

namespace mxward {
namespace {

// RFC 5321 allows 256; VERP of long recipients goes beyond. The bound keeps the work on garbage
// small.
constexpr std::size_t kMaxAddress = 512;
constexpr std::size_t kNone = std::string_view::npos;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsAlnum(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z'); }

// ---- BATV -------------------------------------------------------------------------------------

// draft-levine-smtp-batv-01: a key number, three digits of the day and six hexadecimal digits of
// the signature; some sign with fewer or more.
bool IsBatvTag(std::string_view text) {
  return text.size() >= 6 && text.size() <= 16 && std::all_of(text.begin(), text.end(), IsHex) &&
         std::any_of(text.begin(), text.end(), IsDigit);
}

// The local part without its tag, or all of it. The draft puts the tag in front (prvs=TAG=user);
// some signers put it behind, as user=TAG or user/TAG.
std::string_view StripBatv(std::string_view local) {
  const auto behind = [](std::string_view text, std::string_view separator) {
    const std::size_t at = text.find(separator);
    return at == kNone || at == 0 ? std::string_view() : text.substr(at + separator.size());
  };
  std::string_view user;
  if (local.starts_with("prvs=")) {
    const std::string_view rest = local.substr(5);
    const std::size_t first = rest.find('=');
    const std::size_t last = rest.find_last_of("=/");
    user = behind(rest, "=");
    const bool tag_in_front = first != kNone && IsBatvTag(rest.substr(0, first));
    if (!tag_in_front && last != kNone && last > 0 && IsBatvTag(rest.substr(last + 1))) {
      user = rest.substr(0, last);
    }
  } else if (local.starts_with("msprvs1=")) {  // SparkPost
    user = behind(local.substr(8), "=");
  } else if (local.starts_with("btv1==")) {  // Barracuda
    user = behind(local.substr(6), "==");
  } else if (const std::size_t tag = local.rfind("-prvs="); tag != kNone && tag > 0) {
    // As a sub-address, for those whose separator is not the "+" that is dropped anyway.
    if (IsBatvTag(local.substr(tag + 6))) user = local.substr(0, tag);
  }
  return user.empty() ? local : user;
}

// ---- SRS --------------------------------------------------------------------------------------

struct Srs {
  std::string_view domain;  // of the original address; empty: the text was no SRS
  std::string_view user;
};

bool IsSrsSeparator(char c) { return c == '=' || c == '+' || c == '-'; }

// HASH=TT=example.org=user. The user part may hold further separators.
Srs ParseSrsFields(std::string_view text, char separator) {
  std::array<std::string_view, 3> fields;
  for (std::string_view& field : fields) {
    const std::size_t at = text.find(separator);
    if (at == kNone) return {};
    field = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  if (fields[2].empty() || text.empty()) return {};
  return {fields[2], text};
}

Srs ParseSrs0(std::string_view text) {
  const Srs found = ParseSrsFields(text, '=');
  // Early Mail::SRS wrote "+" throughout.
  return found.domain.empty() && text.find('=') == kNone ? ParseSrsFields(text, '+') : found;
}

// HASH=hop.example= and what stood behind the SRS0 of the hop, its separator included. What the hop
// hides in a database we cannot see; then it is the domain.
Srs ParseSrs1(std::string_view text) {
  std::size_t at = text.find('=');
  if (at == kNone) return {};
  text.remove_prefix(at + 1);
  at = text.find('=');
  if (at == kNone || at == 0 || at + 2 >= text.size()) return {};
  const std::string_view hop = text.substr(0, at);
  text.remove_prefix(at + 1);
  if (IsSrsSeparator(text.front())) text.remove_prefix(1);
  if (text.empty()) return {};
  const Srs inner = ParseSrs0(text);
  return inner.domain.empty() ? Srs{hop, text} : inner;
}

Srs ParseSrs(std::string_view local) {
  if (local.size() > 5 && IsSrsSeparator(local[4])) {
    if (local.starts_with("srs0")) return ParseSrs0(local.substr(5));
    if (local.starts_with("srs1")) return ParseSrs1(local.substr(5));
  }
  if (local.starts_with("srs=")) {  // our own form
    const std::size_t at = local.find('=', 4);
    if (at == kNone || at == 4 || at + 1 == local.size()) return {};
    return {local.substr(4, at - 4), local.substr(at + 1)};
  }
  // Exchange Online: the forwarding mailbox in front.
  const std::size_t at = local.find("+srs=");
  return at == kNone ? Srs{} : ParseSrs0(local.substr(at + 5));
}

// ---- VERP -------------------------------------------------------------------------------------

struct Word {
  std::string_view text;
  std::size_t end;  // offset behind it
};

// Letters and digits belong to words, and so does everything that is not ASCII.
bool InWord(char c) { return IsAlnum(c) || (c & 0x80) != 0; }

// Of a domain, in which nothing is encoded; empty when there is none.
std::string_view FirstWord(std::string_view domain) {
  const auto begin = std::find_if(domain.begin(), domain.end(), InWord);
  return {begin, std::find_if_not(begin, domain.end(), InWord)};
}

// An encoded separator ("=40" and "%40" for '@', "=2b" for '+', "=3d") separates like the bare one.
std::vector<Word> WordsOf(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kEncoded = {"40", "2b", "3d", "2e"};
  std::vector<Word> words;
  for (std::size_t i = 0; i < text.size();) {
    if (!InWord(text[i])) {
      const bool escapes = text[i] == '=' || text[i] == '%';
      ++i;
      if (escapes &&
          std::find(kEncoded.begin(), kEncoded.end(), text.substr(i, 2)) != kEncoded.end())
        i += 2;
      continue;
    }
    const std::size_t start = i;
    while (i < text.size() && InWord(text[i])) ++i;
    words.push_back({text.substr(start, i - start), i});
  }
  return words;
}

bool StandsAt(const std::vector<Word>& words, std::size_t at, const std::vector<Word>& wanted) {
  return at + wanted.size() <= words.size() &&
         std::equal(wanted.begin(), wanted.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                    [](const Word& a, const Word& b) { return a.text == b.text; });
}

// How many words from there on are the recipient's address, in either order, "at" allowed between.
std::size_t RecipientLength(const std::vector<Word>& words, std::size_t at,
                            const std::vector<Word>& first, const std::vector<Word>& second) {
  if (!StandsAt(words, at, first)) return 0;
  const std::size_t middle = at + first.size();
  if (StandsAt(words, middle, second)) return first.size() + second.size();
  if (middle < words.size() && words[middle].text == "at" && StandsAt(words, middle + 1, second)) {
    return first.size() + 1 + second.size();
  }
  return 0;
}

// Whatever the separators are: "bounce-user=example.org", "user_example.org", "example.org-user".
std::string ReplaceRecipient(std::string_view local, const MailAddress& recipient) {
  // Hardly any sender has this, and then there is nothing to take apart.
  if (local.find(FirstWord(recipient.domain)) == kNone) return std::string(local);
  const std::vector<Word> wanted_local = WordsOf(recipient.local);
  const std::vector<Word> wanted_domain = WordsOf(recipient.domain);
  if (wanted_local.empty() || wanted_domain.empty()) return std::string(local);
  const std::vector<Word> words = WordsOf(local);
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t length = RecipientLength(words, i, wanted_local, wanted_domain);
    if (length == 0) length = RecipientLength(words, i, wanted_domain, wanted_local);
    if (length == 0) {
      ++i;
      continue;
    }
    const std::size_t start = words[i].end - words[i].text.size();
    out += local.substr(copied, start - copied);
    out += '*';
    i += length;
    copied = words[i - 1].end;
  }
  out += local.substr(copied);
  return out;
}

// ---- Numbers and random words -----------------------------------------------------------------

// 8-4-4-4-12 hexadecimal digits.
bool StartsWithUuid(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() < kLength || (text.size() > kLength && IsAlnum(text[kLength]))) return false;
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

// A word that no person and no list is called: long hexadecimal, or letters and digits by turns.
bool IsRandom(std::string_view word) {
  std::size_t numbers = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (IsDigit(word[i]) && (i == 0 || !IsDigit(word[i - 1]))) ++numbers;
  }
  if (numbers == 0) return false;
  return numbers >= 3 || (numbers == 2 && word.size() >= 12) ||
         (word.size() >= 8 && std::all_of(word.begin(), word.end(), IsHex));
}

// Several in a row count as one: "#-#.#" says nothing more than "#".
void AppendFold(std::string& out) {
  static constexpr std::string_view kJoints = "-._=~";
  std::size_t size = out.size();
  while (size > 0 && out.size() - size < 2 && kJoints.find(out[size - 1]) != kNone) --size;
  if (size > 0 && out[size - 1] == '#') {
    out.resize(size);
  } else {
    out += '#';
  }
}

void AppendFolded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!IsAlnum(text[i])) {
      if (text[i] == '#') {
        AppendFold(out);
      } else {
        out += text[i];
      }
      ++i;
      continue;
    }
    if (StartsWithUuid(text.substr(i))) {
      AppendFold(out);
      i += 36;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && IsAlnum(text[end])) ++end;
    if (IsRandom(text.substr(i, end - i))) {
      AppendFold(out);
      i = end;
      continue;
    }
    while (i < end) {
      if (IsDigit(text[i])) {
        AppendFold(out);
        while (i < end && IsDigit(text[i])) ++i;
      } else {
        out += text[i++];
      }
    }
  }
}

std::string FoldDomain(std::string_view domain) {
  if (domain.starts_with('[')) return std::string(domain);  // an address literal
  const std::string_view machine = HostPart(domain);
  std::string out;
  AppendFolded(out, machine);
  out += domain.substr(machine.size());
  return out;
}

// ---- Verification -----------------------------------------------------------------------------

constexpr std::string_view kDoubleBounce = "double-bounce";

// "double-bounce" of "double-bouncedjybxg": Postfix counts the periods of address_verify_sender_ttl
// in digits and consonants.
std::string_view StripProbeSuffix(std::string_view local) {
  constexpr std::size_t kMinSuffix = 3;   // periods of a day
  constexpr std::size_t kMaxSuffix = 13;  // 64 bits
  static constexpr std::string_view kVowels = "aeiou";
  if (!local.starts_with(kDoubleBounce)) return local;
  const std::string_view suffix = local.substr(kDoubleBounce.size());
  const bool counts = suffix.size() >= kMinSuffix && suffix.size() <= kMaxSuffix &&
                      std::all_of(suffix.begin(), suffix.end(),
                                  [](char c) { return IsAlnum(c) && kVowels.find(c) == kNone; });
  return counts ? kDoubleBounce : local;
}

// ---- The whole address ------------------------------------------------------------------------

// Without the quotes around it and the backslashes in it (RFC 5322 3.2.4).
std::string Unquote(std::string_view local) {
  if (local.size() < 3 || local.front() != '"' || local.back() != '"') return std::string(local);
  local = local.substr(1, local.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '\\' && i + 1 < local.size()) ++i;
    out += local[i];
  }
  return out;
}

std::string NormaliseLocal(std::string_view local, const MailAddress& recipient) {
  std::string_view forwarded;  // the domain of the original address, behind forwarders
  for (;;) {
    const std::size_t before = local.size();
    local = StripBatv(local);
    if (const Srs srs = ParseSrs(local); !srs.domain.empty()) {
      forwarded = srs.domain;
      local = srs.user;
    }
    if (local.size() == before) break;
  }
  std::string out;
  if (!forwarded.empty()) out = "srs=" + FoldDomain(forwarded) + '=';
  std::string user = ReplaceRecipient(local, recipient);
  const std::size_t tag = user.find('+');
  if (tag != kNone && tag > 0) user.resize(tag);
  AppendFolded(out, StripProbeSuffix(user));
  return out;
}

std::string Join(std::string local, std::string_view domain) {
  if (domain.empty()) {
    // At once, or each '@' of a row of them would cost a pass.
    while (local.ends_with('@')) local.pop_back();
  } else {
    local += '@';
    local += domain;
  }
  return local;
}

std::string SenderPass(std::string_view text, const MailAddress& recipient) {
  const MailAddress address = SplitMailAddress(text);
  std::string local = Unquote(address.local);
  for (std::size_t size = address.local.size(); local.size() < size;) {
    size = local.size();
    local = Unquote(local);
  }
  return Join(NormaliseLocal(local, recipient), FoldDomain(address.domain));
}

}  // namespace

bool IsVerificationSender(std::string_view sender) {
  const CanonicalAddress address(sender);
  const std::string_view local = address.local();
  return StripAngles(sender).empty() || local == "postmaster" || local == "mailer-daemon" ||
         StripProbeSuffix(local) == kDoubleBounce;
}

// Repeats the pass until it changes nothing, so the result is its own by construction. It ends:
// each either shortens the text or leaves fewer digits in the same length.
std::string FoldSender(std::string_view sender, std::string_view recipient) {
  if (sender.size() > kMaxAddress) return std::string(sender);
  const MailAddress split = SplitMailAddress(recipient.substr(0, kMaxAddress));
  std::string text(sender);
  for (;;) {
    std::string next = SenderPass(text, split);
    if (next == text) return text;
    text = std::move(next);
  }
}

std::string NormaliseSender(std::string_view sender, std::string_view recipient) {
  return FoldSender(CanonicalAddress(sender).text(), CanonicalAddress(recipient).text());
}

}  // namespace mxward
