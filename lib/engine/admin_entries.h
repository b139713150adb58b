// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "engine/current_config.h"
#include "entries/table.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// Allow and block entries: those in the store, and the index in memory that says which keys have
// one. Thread-safe.
class AdminEntries {
 public:
  // All outlive it.
  AdminEntries(const Clock& clock, store::Environment& environment, store::Writer& writer,
               const CurrentConfig& config)
      : clock_(clock), environment_(environment), writer_(writer), config_(config) {}

  // Fills the index; of a store that is not ready, from the copy beside it.
  Result<void> Load();
  // Gives entries whose key is in the form of an older version today's. REQUIRES: the store is
  // ready; Load()
  Result<void> Renew();

  // Adds, replaces or forgets an entry; returns when it is committed, after store.deadline at most.
  Result<void> Put(const entries::Entry& entry);
  Result<void> Forget(entries::Kind kind, const std::string& canonical_key);
  // An entry is about to be written by somebody else.
  void Note(const entries::Entry& entry) { index_.Add(entry.kind, entry.key); }

  const entries::Index& index() const { return index_; }

 private:
  const Clock& clock_;
  store::Environment& environment_;
  store::Writer& writer_;
  const CurrentConfig& config_;
  entries::Index index_;
};

}  // namespace mxward
