// SPDX-License-Identifier: Apache-2.0
#include "control/filters.h"

#include <array>
#include <utility>

#include "base/canonical_address.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "entries/entry.h"

namespace mxward::control {

std::string DomainOf(std::string_view address) {
  return std::string(CanonicalAddress(address).domain());
}

Result<AddressPattern> AddressPattern::Parse(std::string_view text) {
  text = Trim(text);
  const bool whole_domain = text.starts_with("*@");
  const bool is_domain = text.find('@') == std::string_view::npos && text != "<>";
  if (whole_domain || is_domain) {
    MXWARD_TRY(auto domain, entries::CanonicalKey(entries::Kind::kSenderDomain,
                                                  whole_domain ? text.substr(2) : text));
    return AddressPattern(whole_domain ? Kind::kDomain : Kind::kDomainAndBelow, std::move(domain));
  }
  MXWARD_TRY(auto address, entries::CanonicalKey(entries::Kind::kSender, text));
  return Address(address);
}

AddressPattern AddressPattern::Address(std::string_view address) {
  return AddressPattern(Kind::kAddress, CanonicalAddressText(address));
}

AddressPattern AddressPattern::DomainAndBelow(std::string_view domain) {
  return AddressPattern(Kind::kDomainAndBelow, CanonicalDomain(domain));
}

bool AddressPattern::Matches(std::string_view address) const {
  switch (kind_) {
    case Kind::kAddress:
      return CanonicalAddress(address).text() == text_;
    case Kind::kDomain:
      return DomainOf(address) == text_;
    case Kind::kDomainAndBelow:
      return IsAtOrBelow(DomainOf(address), text_);
  }
  return false;
}

namespace {

// In the order of TupleState and of Progress.
constexpr std::array<std::string_view, 3> kStates = {"pending", "passed", "expired"};
constexpr std::array<std::string_view, 3> kProgresses = {"waiting", "overdue", "never"};

}  // namespace

Result<TupleFilter> TupleFilter::Parse(const Params& params) {
  TupleFilter filter;
  MXWARD_TRY(const auto state, params.Word(kState, kStates));
  if (state) filter.state = static_cast<TupleState>(*state);
  MXWARD_TRY(const auto progress, params.Word(kProgress, kProgresses));
  if (progress) filter.progress = static_cast<Progress>(*progress);
  MXWARD_TRY(filter.client, PrefixOf(params, kClient));
  MXWARD_TRY(filter.sender, PatternOf(params, kSender));
  MXWARD_TRY(filter.recipient, PatternOf(params, kRecipient));
  MXWARD_TRY(filter.older_than, params.Duration(kOlderThan));
  MXWARD_TRY(filter.younger_than, params.Duration(kYoungerThan));
  return filter;
}

bool TupleFilter::Matches(const greylist::TupleRecord& record, WallTime now,
                          const GreylistConfig& config) const {
  const TupleState record_state = StateOf(record, now, config);
  if (record_state == TupleState::kForgotten) return false;
  if (state && record_state != *state) return false;
  if (progress && ProgressOf(record, now, config) != *progress) return false;
  if (older_than && now - record.last_seen <= *older_than) return false;
  if (younger_than && now - record.last_seen >= *younger_than) return false;
  if (client && (!record.client || !client->Contains(*record.client))) return false;
  if (!sender && !recipient) return true;
  if (!record.client || record.folded) return false;
  return (!sender || sender->Matches(record.sender)) &&
         (!recipient || recipient->Matches(record.recipient));
}

}  // namespace mxward::control
