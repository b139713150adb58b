// SPDX-License-Identifier: Apache-2.0
#include "control/tuple_filter.h"

#include <array>

#include "control/filter_params.h"

namespace mxward::control {
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
