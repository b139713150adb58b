// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "control/params.h"
#include "entries/entry.h"
#include "store/environment.h"

namespace mxward::control {

// What an entry is about: its kind, and the key in canonical form.
struct EntryKey {
  entries::Kind kind = entries::Kind::kClient;
  std::string key;
};

// From the parameters kind and key.
Result<EntryKey> ParseEntryKey(const Params& params);

// The entry as stored, also one whose time is over; nothing when there is none, or a tombstone.
Result<std::optional<entries::Entry>> FindEntry(store::Environment& environment,
                                                const EntryKey& about);

}  // namespace mxward::control
