// SPDX-License-Identifier: Apache-2.0
#include "clients/dynamic_name.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/mail_address.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "clients/host_words.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxName = 255;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }

// Calls visit with each longest run of bytes that belong.
template <class Belongs, class Visit>
void ForEachRun(std::string_view text, Belongs belongs, Visit visit) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (!belongs(text[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < text.size() && belongs(text[i])) ++i;
    visit(text.substr(start, i - start));
  }
}

// The value of a number of that base, or -1.
std::int64_t ValueOf(std::string_view digits, int base) {
  std::int64_t value = -1;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

// ---- IPv4 -------------------------------------------------------------------------------------

// A set of octets of the client is a mask of 4 bits; a set of such masks has 16 bits.
using Octets = std::array<std::uint8_t, 4>;
using MaskSet = std::uint32_t;

// Adds to found every mask whose octets, in some order, make up digits as decimal numbers, plain or
// padded to three digits, without a separator.
void FindJoined(std::string_view digits, const Octets& octets, unsigned used, MaskSet& found) {
  if (digits.empty()) {
    found |= MaskSet{1} << used;
    return;
  }
  for (unsigned i = 0; i < octets.size(); ++i) {
    if ((used & (1U << i)) != 0) continue;
    const std::string plain = std::to_string(octets[i]);
    if (digits.starts_with(plain)) {
      FindJoined(digits.substr(plain.size()), octets, used | (1U << i), found);
    }
    if (plain.size() < 3 && ValueOf(digits.substr(0, 3), 10) == octets[i] && digits.size() >= 3) {
      FindJoined(digits.substr(3), octets, used | (1U << i), found);
    }
  }
}

MaskSet MasksOf(std::string_view digits, const Octets& octets) {
  // Shorter runs are read as one number: 111 is not 1.1.1.
  constexpr std::size_t kShortestJoined = 5;
  constexpr std::size_t kLongestJoined = 12;
  MaskSet found = 0;
  if (digits.size() <= 3) {
    const std::int64_t value = ValueOf(digits, 10);
    for (unsigned i = 0; i < octets.size(); ++i) {
      if (value == octets[i]) found |= MaskSet{1} << (1U << i);
    }
  } else if (digits.size() >= kShortestJoined && digits.size() <= kLongestJoined) {
    FindJoined(digits, octets, 0, found);
  }
  return found;
}

struct DecimalOctets {
  int count = 0;         // the most octets that the name's numbers can stand for together
  bool large = false;    // one of them has more than one digit
  bool telling = false;  // three of them, one with more than one digit, or all four
};

DecimalOctets CountDecimalOctets(std::string_view name, const Octets& octets) {
  MaskSet reached = 1;  // the empty mask
  ForEachRun(name, IsDigit, [&](std::string_view digits) {
    const MaskSet masks = MasksOf(digits, octets);
    MaskSet next = reached;
    for (unsigned have = 0; have < 16; ++have) {
      for (unsigned add = 1; add < 16; ++add) {
        if ((reached >> have & 1) != 0 && (masks >> add & 1) != 0 && (have & add) == 0) {
          next |= MaskSet{1} << (have | add);
        }
      }
    }
    reached = next;
  });
  DecimalOctets result;
  for (unsigned mask = 1; mask < 16; ++mask) {
    if ((reached >> mask & 1) == 0) continue;
    const int count = std::popcount(mask);
    result.count = std::max(result.count, count);
    // mx1.rack2.dc3 is any server's name; three octets below 10 prove nothing.
    bool large = false;
    for (unsigned i = 0; i < octets.size(); ++i) {
      large = large || ((mask & (1U << i)) != 0 && octets[i] >= 10);
    }
    result.large = result.large || large;
    if (count == 4 || (count == 3 && large)) result.telling = true;
  }
  return result;
}

// Three octets in a row as separate hexadecimal numbers ("5b-0c-1d"), in the address's order. One
// must have a letter, or it would be decimal.
bool HasHexOctets(std::string_view name, const Octets& octets) {
  std::array<std::int64_t, 3> last = {-1, -1, -1};
  std::array<bool, 3> lettered = {};
  bool found = false;
  ForEachRun(name, IsAlnum, [&](std::string_view word) {
    last = {last[1], last[2], word.size() <= 2 ? ValueOf(word, 16) : -1};
    lettered = {lettered[1], lettered[2], !std::all_of(word.begin(), word.end(), IsDigit)};
    for (std::size_t i = 0; i + 2 < octets.size(); ++i) {
      found = found || (last[0] == octets[i] && last[1] == octets[i + 1] &&
                        last[2] == octets[i + 2] && (lettered[0] || lettered[1] || lettered[2]));
    }
  });
  return found;
}

std::string HexOf(const std::uint8_t* bytes, std::size_t count) {
  return HexEncode({reinterpret_cast<const char*>(bytes), count});
}

bool CarriesWholeV4(std::string_view name, std::string_view compact, const Octets& octets) {
  const std::uint32_t number = (std::uint32_t{octets[0]} << 24) | (std::uint32_t{octets[1]} << 16) |
                               (std::uint32_t{octets[2]} << 8) | octets[3];
  if (compact.find(HexOf(octets.data(), 4)) != std::string_view::npos) return true;
  const std::string decimal = std::to_string(number);
  const std::string head = HexOf(octets.data(), 3);
  const std::string tail = HexOf(octets.data() + 1, 3);
  bool found = false;
  ForEachRun(name, IsDigit, [&](std::string_view digits) {
    found = found || (digits.size() >= 8 && digits == decimal);
  });
  // Three octets run together at the end of a word, behind a letter or two: "pc0c1d2e".
  ForEachRun(name, IsAlnum, [&](std::string_view word) {
    found = found || (word.size() <= 8 && (word.ends_with(head) || word.ends_with(tail)));
  });
  return found;
}

bool CarriesV4(std::string_view name, std::string_view compact, const Octets& octets) {
  const Octets reversed = {octets[3], octets[2], octets[1], octets[0]};
  return CountDecimalOctets(name, octets).telling || HasHexOctets(name, octets) ||
         HasHexOctets(name, reversed) || CarriesWholeV4(name, compact, octets) ||
         CarriesWholeV4(name, compact, reversed);
}

// ---- the line's equipment
// ------------------------------------------------------------------------

// A hardware address (IEEE EUI-48) as a word of its own, behind a letter or two, or behind the type
// that a DHCP client identifier puts before it (RFC 2132 9.14): "h001122334455",
// "s0106001122334455". Universal and of one device, as a modem's is.
bool IsHardwareAddress(std::string_view word) {
  constexpr std::size_t kDigits = 12;
  if (word.size() < kDigits) return false;
  const std::string_view before = word.substr(0, word.size() - kDigits);
  const std::string_view digits = word.substr(before.size());
  const std::string_view type = "0106";
  const std::string_view letters =
      before.ends_with(type) ? before.substr(0, before.size() - type.size()) : before;
  return letters.size() <= 2 && std::all_of(letters.begin(), letters.end(), IsLetter) &&
         ValueOf(digits, 16) >= 0 &&
         std::string_view("048c").find(digits[1]) != std::string::npos &&
         std::any_of(digits.begin(), digits.end(), IsDigit);
}

bool NamesHardware(std::string_view host_part) {
  bool found = false;
  ForEachRun(host_part, IsAlnum,
             [&](std::string_view word) { found = found || IsHardwareAddress(word); });
  return found;
}

// ---- IPv6 -------------------------------------------------------------------------------------

using Groups = std::array<std::int64_t, 8>;

Groups GroupsOf(const std::array<std::uint8_t, 16>& bytes) {
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = bytes[2 * i] * 256 + bytes[2 * i + 1];
  }
  return groups;
}

std::int64_t GroupOf(std::string_view word) { return word.size() <= 4 ? ValueOf(word, 16) : -1; }

// Four groups in a row, at least two of them not zero.
bool HasGroups(std::string_view name, const Groups& groups) {
  std::array<std::int64_t, 4> last = {-1, -1, -1, -1};
  bool found = false;
  ForEachRun(name, IsAlnum, [&](std::string_view word) {
    last = {last[1], last[2], last[3], GroupOf(word)};
    for (std::size_t i = 0; i + last.size() <= groups.size(); ++i) {
      found =
          found || (std::equal(last.begin(), last.end(), groups.begin() + static_cast<int>(i)) &&
                    std::count(last.begin(), last.end(), 0) <= 2);
    }
  });
  return found;
}

// RFC 4291 appendix A: an interface identifier made of a hardware address.
std::string HardwareAddress(const std::array<std::uint8_t, 16>& bytes) {
  if (bytes[11] != 0xff || bytes[12] != 0xfe) return {};
  const std::array<std::uint8_t, 6> mac = {static_cast<std::uint8_t>(bytes[8] ^ 2),
                                           bytes[9],
                                           bytes[10],
                                           bytes[13],
                                           bytes[14],
                                           bytes[15]};
  return HexOf(mac.data(), mac.size());
}

bool CarriesV6(std::string_view name, std::string_view compact,
               const std::array<std::uint8_t, 16>& bytes) {
  const std::string forward = HexOf(bytes.data(), bytes.size());
  const std::string backward(forward.rbegin(), forward.rend());
  for (const std::string_view nibbles : {std::string_view(forward), std::string_view(backward)}) {
    if (compact.find(nibbles.substr(0, 16)) != std::string_view::npos ||
        compact.find(nibbles.substr(16)) != std::string_view::npos) {
      return true;
    }
  }
  const std::string mac = HardwareAddress(bytes);
  if (!mac.empty() && compact.find(mac) != std::string_view::npos) return true;
  Groups groups = GroupsOf(bytes);
  if (HasGroups(name, groups)) return true;
  std::reverse(groups.begin(), groups.end());
  return HasGroups(name, groups);
}

// An address in another base than 16, or a number made of it: a word that nobody chose.
bool HasLongSerial(std::string_view name) {
  constexpr std::size_t kShortest = 20;
  bool found = false;
  ForEachRun(name, IsAlnum, [&](std::string_view word) {
    found = found || (word.size() >= kShortest && std::any_of(word.begin(), word.end(), IsDigit));
  });
  return found;
}

// One group of three or four digits as a word of its own.
int CountGroups(std::string_view name, const std::array<std::uint8_t, 16>& bytes) {
  const Groups groups = GroupsOf(bytes);
  int count = 0;
  ForEachRun(name, IsAlnum, [&](std::string_view word) {
    if (word.size() >= 3 &&
        std::find(groups.begin(), groups.end(), GroupOf(word)) != groups.end()) {
      ++count;
    }
  });
  return count;
}

// Whether that many parts of the address beside such a word make a name dynamic.
bool Suffice(int parts, HostWord word) {
  switch (word) {
    case HostWord::kAccess:
    case HostWord::kPool:
      return parts >= 1;
    case HostWord::kHost:
      return parts >= 2;
    case HostWord::kMail:
    case HostWord::kOther:
      return false;
  }
  return false;
}

}  // namespace

bool LooksDynamic(std::string_view name, const IpAddress& client) {
  while (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.empty() || name.size() > kMaxName) return false;
  const std::string lower = ToLower(name);
  const std::string_view host_part = HostPart(lower);
  const HostWords words = FindHostWords(host_part);
  if (words.mail && words.strongest != HostWord::kAccess) return false;
  if (words.unset) return true;
  if (!words.mail && words.SpeakOfALine()) return true;
  if (!words.mail && words.line && std::any_of(host_part.begin(), host_part.end(), IsDigit)) {
    return true;
  }

  if (!words.mail && NamesHardware(host_part)) return true;

  std::string compact;
  std::copy_if(lower.begin(), lower.end(), std::back_inserter(compact), IsAlnum);
  if (!client.is_v4()) {
    return CarriesV6(lower, compact, client.bytes()) || (!words.mail && HasLongSerial(host_part)) ||
           Suffice(CountGroups(host_part, client.bytes()), words.strongest);
  }
  const Octets octets = {client.bytes()[0], client.bytes()[1], client.bytes()[2],
                         client.bytes()[3]};
  if (CarriesV4(lower, compact, octets)) return true;
  const DecimalOctets parts = CountDecimalOctets(host_part, octets);
  // client2.example.org and mobile1.example.org are any company's: a single digit proves nothing.
  if (parts.count == 1 && !parts.large) return false;
  return Suffice(parts.count, words.strongest);
}

bool IsDynamicName(std::string_view name, const IpAddress& client, const NamesConfig& names) {
  const std::string lower = ToLower(name.ends_with('.') ? name.substr(0, name.size() - 1) : name);
  const auto& except = names.dynamic_except;
  return std::none_of(except.begin(), except.end(),
                      [&](const std::string& domain) { return IsAtOrBelow(lower, domain); }) &&
         LooksDynamic(name, client);
}

}  // namespace mxward
