// SPDX-License-Identifier: Apache-2.0
#include "engine/admin_entries.h"

#include <utility>
#include <vector>

namespace mxward {
namespace {

constexpr Millis kLongestRenewal{30000};

}  // namespace

Result<void> AdminEntries::Load() { return index_.Load(environment_); }

Result<void> AdminEntries::Renew() {
  const std::vector<Prefix> nat64 = config_.Get()->clients.nat64;
  MXWARD_TRY(auto old, entries::EntriesOfOldForm(environment_, nat64));
  if (old.empty()) return {};
  for (const entries::Entry& entry : old) {
    if (const auto key = entries::CanonicalKey(entry.kind, entry.key, nat64)) {
      index_.Add(entry.kind, *key);
    }
  }
  return writer_
      .Submit(entries::RenewKeys(std::move(old), nat64, environment_.hash_key()),
              store::Priority::kHigh)
      ->Wait(kLongestRenewal);
}

Result<void> AdminEntries::Put(const entries::Entry& entry) {
  if (entry.kind == entries::Kind::kSpfOf && !entry.forgotten && environment_.ready()) {
    MXWARD_TRY(const auto others,
               entries::CountSpfOf(environment_, index_, entry.key, clock_.Now()));
    if (others >= entries::kMostSpfOfEntries) {
      return Fail(ErrorCode::kInvalid,
                  "there are " + std::to_string(others) +
                      " entries of spf-of already, and each may be evaluated for every client; "
                      "forget one, or write a rule with spf_of");
    }
  }
  // Before the commit: an entry that the index does not know would not be found.
  Note(entry);
  return writer_.Submit(entries::PutEntry(entry, environment_.hash_key()), store::Priority::kHigh)
      ->Wait(config_.Get()->store.deadline);
}

Result<void> AdminEntries::Forget(entries::Kind kind, const std::string& canonical_key) {
  return writer_
      .Submit(entries::ForgetEntry(kind, canonical_key, clock_.Now(), environment_.hash_key()),
              store::Priority::kHigh)
      ->Wait(config_.Get()->store.deadline);
}

}  // namespace mxward
