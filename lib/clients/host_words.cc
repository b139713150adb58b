// SPDX-License-Identifier: Apache-2.0
#include "clients/host_words.h"

#include <algorithm>
#include <array>

namespace mxward {
namespace {

// Access networks: what the line is, or how its address is had.
constexpr auto kAccessWords = std::to_array<std::string_view>(
    {"adsl", "bband",  "bbtec",    "breitband",   "broadband", "cable",   "cablemodem", "catv",
     "cpe",  "dhcp",   "dial",     "dialin",      "dialup",    "dinamic", "dinamica",   "dinamico",
     "dip",  "docsis", "dsl",      "dslam",       "dyn",       "dynamic", "dynamique",  "dynamisch",
     "ftth", "ftthb",  "fttb",     "fttx",        "gpon",      "gprs",    "hotspot",    "hsd",
     "ipbf", "ipngn",  "ipoe",     "isdn",        "kabel",     "lte",     "mobile",     "modem",
     "ppp",  "pppoa",  "pppoe",    "residential", "resnet",    "sdsl",    "umts",       "vdsl",
     "wifi", "wimax",  "wireless", "wlan",        "xdsl"});

// Of these, what stands in no server's name, among some 5,700 that were looked at.
constexpr auto kLineWords = std::to_array<std::string_view>(
    {"adsl", "broadband", "cable", "dhcp", "dial", "dialup", "dip", "dsl", "dyn", "dynamic", "gprs",
     "ipbf", "ipngn", "ipoe", "isdn", "ppp", "pppoe"});

// Hosting providers' names of addresses that nobody has set up.
constexpr auto kUnsetLabels =
    std::to_array<std::string_view>({"hosted-by", "unassigned", "unused"});

// Many alike: customers' machines, and shared outgoing mail servers too.
constexpr auto kPoolWords = std::to_array<std::string_view>(
    {"abo", "client", "cliente", "clientes", "clients", "cust", "customer", "customers", "home",
     "kunde", "kunden", "pool", "pools", "sub", "subscriber", "subscribers", "unassigned", "user",
     "users"});

constexpr auto kHostWords = std::to_array<std::string_view>({"host", "hosts", "ip", "ips"});

constexpr auto kMailWords = std::to_array<std::string_view>(
    {"bounce", "bounces", "edm", "exchange", "exim", "mout", "mta", "mtas", "mx", "mxout",
     "newsletter", "outbound", "postfix", "relay", "relays", "sender"});

template <std::size_t size>
bool IsOneOf(std::string_view word, const std::array<std::string_view, size>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

HostWord KindOf(std::string_view word) {
  if (IsOneOf(word, kAccessWords)) return HostWord::kAccess;
  if (IsOneOf(word, kPoolWords)) return HostWord::kPool;
  if (IsOneOf(word, kHostWords)) return HostWord::kHost;
  for (const char* stem : {"mail", "smtp"}) {
    if (word.starts_with(stem) || word.ends_with(stem)) return HostWord::kMail;
  }
  return IsOneOf(word, kMailWords) ? HostWord::kMail : HostWord::kOther;
}

bool IsUnset(std::string_view label) {
  return std::any_of(kUnsetLabels.begin(), kUnsetLabels.end(), [&](std::string_view unset) {
    if (!label.starts_with(unset)) return false;
    const std::string_view rest = label.substr(unset.size());
    return rest.empty() || rest[0] == '-' || (rest[0] >= '0' && rest[0] <= '9');
  });
}

// What has been found so far.
class Collector {
 public:
  // Two words may be written as one: "dynamicip", "dslpool".
  void AddRun(std::string_view run) {
    if (Add(run)) return;
    for (std::size_t i = 2; i + 2 <= run.size(); ++i) {
      if (KindOf(run.substr(0, i)) >= HostWord::kHost && KindOf(run.substr(i)) >= HostWord::kHost) {
        Add(run.substr(0, i));
        Add(run.substr(i));
      }
    }
  }
  HostWords words() const { return words_; }

 private:
  bool Add(std::string_view word) {
    const HostWord kind = KindOf(word);
    if (kind == HostWord::kOther) return false;
    if (kind == HostWord::kMail) {
      words_.mail = true;
      return true;
    }
    words_.strongest = std::max(words_.strongest, kind);
    words_.line = words_.line || IsOneOf(word, kLineWords);
    if (kind >= HostWord::kPool) {
      words_.several = words_.several || (!line_word_.empty() && line_word_ != word);
      line_word_ = word;
    }
    return true;
  }

  HostWords words_;
  std::string_view line_word_;  // the last access or pool word
};

}  // namespace

HostWords FindHostWords(std::string_view host_part) {
  Collector found;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= host_part.size(); ++i) {
    if (i < host_part.size() && host_part[i] >= 'a' && host_part[i] <= 'z') continue;
    found.AddRun(host_part.substr(start, i - start));
    start = i + 1;
  }
  HostWords words = found.words();
  words.unset = IsUnset(host_part.substr(0, host_part.find('.')));
  return words;
}

}  // namespace mxward
