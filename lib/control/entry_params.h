// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "control/params.h"
#include "entries/entry.h"
#include "store/environment.h"

namespace mxward::control {

// What an entry is about: its kind, and the key in canonical form.
struct EntryKey {
  entries::Kind kind = entries::Kind::kClient;
  std::string key;
};

// The parameter kind; nothing when absent.
Result<std::optional<entries::Kind>> ParseKindParam(const Params& params);
// From the parameters kind and key, both needed.
Result<EntryKey> ParseEntryKey(const Params& params, const Config& config);

// The entry as stored, also one whose time is over; nothing when there is none, or a tombstone.
Result<std::optional<entries::Entry>> FindEntry(store::Environment& environment,
                                                const EntryKey& about);

}  // namespace mxward::control
