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
    auto domain =
        entries::CanonicalKey(entries::Kind::kSenderDomain, whole_domain ? text.substr(2) : text);
    if (!domain) return Fail(domain.error());
    return AddressPattern(whole_domain ? Kind::kDomain : Kind::kDomainAndBelow, *std::move(domain));
  }
  auto address = entries::CanonicalKey(entries::Kind::kSender, text);
  if (!address) return Fail(address.error());
  return Address(*address);
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
  const auto state = params.Word(kState, kStates);
  if (!state) return Fail(state.error());
  if (*state) filter.state = static_cast<TupleState>(**state);
  const auto progress = params.Word(kProgress, kProgresses);
  if (!progress) return Fail(progress.error());
  if (*progress) filter.progress = static_cast<Progress>(**progress);
  const auto client = PrefixOf(params, kClient);
  if (!client) return Fail(client.error());
  filter.client = *client;
  auto sender = PatternOf(params, kSender);
  if (!sender) return Fail(sender.error());
  filter.sender = *std::move(sender);
  auto recipient = PatternOf(params, kRecipient);
  if (!recipient) return Fail(recipient.error());
  filter.recipient = *std::move(recipient);
  const auto older = params.Duration(kOlderThan);
  if (!older) return Fail(older.error());
  filter.older_than = *older;
  const auto younger = params.Duration(kYoungerThan);
  if (!younger) return Fail(younger.error());
  filter.younger_than = *younger;
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
