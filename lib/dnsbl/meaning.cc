// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace mxward::dnsbl {
namespace {

constexpr std::size_t kMaxCodes = 8;

bool Inside127(const IpAddress& address) { return address.is_v4() && address.v4() >> 24U == 127; }

bool Matches(const std::vector<CodeFilter>& filters, const IpAddress& address) {
  return std::any_of(filters.begin(), filters.end(),
                     [&](const CodeFilter& filter) { return filter.Matches(address); });
}

// What the refusal says, or "" when the address is none.
std::string_view RefusalMeaning(const DnsblConfig& list, const IpAddress& address) {
  static constexpr std::string_view kGeneral = "the list refuses to answer us";
  if (!Inside127(address)) return "";
  switch (address.v4()) {
    case 0x7ffffffc:
      return "the list refuses to answer us: no such zone, look at its configuration";
    case 0x7ffffffe:
      return "the list refuses to answer us: it does not serve public resolvers";
    case 0x7fffffff:
      return "the list refuses to answer us: too many queries";
    case 0x7f000001:
      return "the list refuses to answer us, or a resolver on the way replaces its answers";
    case 0x7f0000ff:
      if (list.MaxScore() <= 0) return "the list refuses to answer us: our quota is used up";
      break;
    default:
      break;
  }
  const bool reserved = address.v4() >> 8U == 0x7fffff;  // 127.255.255.0/24
  return reserved || Matches(list.refusals, address) ? kGeneral : "";
}

// The stronger word; of equally strong ones the one in the client's favour.
bool Outweighs(int a, int b) {
  return std::abs(a) > std::abs(b) || (std::abs(a) == std::abs(b) && a < b);
}

// The code that counts for one address of the answer.
const DnsblCode* StrongestCode(const DnsblConfig& list, const IpAddress& address) {
  const DnsblCode* best = nullptr;
  for (const DnsblCode& code : list.codes) {
    if (!code.filter.Matches(address)) continue;
    if (best == nullptr || Outweighs(code.score, best->score)) best = &code;
  }
  return best;
}

std::string Explained(const IpAddress& address, std::string_view meaning) {
  if (meaning.empty()) return address.ToString();
  return fmt::format("{} ({})", address.ToString(), meaning);
}

Meaning Denied(State state, const IpAddress& address, std::string_view why) {
  return {state, 0, {}, Explained(address, why)};
}

// Of answers that are all inside 127/8 and no refusals.
Meaning Listing(const DnsblConfig& list, const std::vector<IpAddress>& addresses) {
  Meaning meaning;
  std::vector<std::string> details;
  for (const IpAddress& address : addresses) {
    const DnsblCode* code = StrongestCode(list, address);
    if (code == nullptr) continue;
    const bool first = meaning.state != State::kListed;
    const bool counts = first || Outweighs(code->score, meaning.score);
    meaning.state = State::kListed;
    if (counts) meaning.score = code->score;
    // The one that counts goes first.
    details.insert(counts ? details.begin() : details.end(), Explained(address, code->meaning));
  }
  if (meaning.state == State::kListed) {
    if (details.size() > kMaxCodes) details.resize(kMaxCodes);
    meaning.detail = fmt::format("{}", fmt::join(details, ", "));
    return meaning;
  }
  return Denied(State::kUnlistedCode, addresses.front(), "not a code that counts");
}

Meaning MeaningOf(const DnsblConfig& list, const std::vector<IpAddress>& addresses) {
  for (const IpAddress& address : addresses) {
    const std::string_view why = RefusalMeaning(list, address);
    if (!why.empty()) return Denied(State::kRefused, address, why);
  }
  for (const IpAddress& address : addresses) {
    if (Inside127(address)) continue;
    return Denied(State::kBogus, address,
                  "no DNS list answers that: a parked domain or a resolver that invents answers");
  }
  return Listing(list, addresses);
}

}  // namespace

Meaning Interpret(const DnsblConfig& list, const dns::Answer& answer) {
  switch (answer.outcome) {
    case dns::Outcome::kFailed:
      return {State::kUnknown,
              0,
              {},
              answer.failure.empty() ? "no answer" : answer.failure,
              answer.not_queried};
    case dns::Outcome::kNoData:
    case dns::Outcome::kNoName:
      return {State::kNotListed, 0, {}, "not listed", false};
    case dns::Outcome::kFound:
      break;
  }
  if (answer.addresses.empty()) return {State::kNotListed, 0, {}, "not listed", false};
  Meaning meaning = MeaningOf(list, answer.addresses);
  const std::size_t shown = std::min(answer.addresses.size(), kMaxCodes);
  for (std::size_t i = 0; i < shown; ++i) meaning.codes.push_back(answer.addresses[i].ToString());
  return meaning;
}

}  // namespace mxward::dnsbl
