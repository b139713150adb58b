// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"

namespace mxward {

// Programs of their own, for what may come to grief on a damaged database: mxward runs itself with
// a hidden option. Read-only, and bounded in time and memory.

// Looks through the database in a folder; says in a line on standard output what it found. Returns
// 0 when it is sound, kExitDamaged when it is not.
int CheckStoreMain(const std::string& folder);

// Writes what can be read of a database's file to standard output, as store/record_stream.h says.
int RescueStoreMain(const std::string& file);

// A run of this program with one option and its argument. Moved nowhere, used by one thread.
class StoreChild {
 public:
  StoreChild(const std::string& option, const std::string& argument);
  ~StoreChild();  // ends it
  StoreChild(const StoreChild&) = delete;
  StoreChild& operator=(const StoreChild&) = delete;

  bool started() const { return pid_ > 0; }
  int output() const { return output_; }  // to read from
  // Reads what it says, waits for its end, and returns that. Gives up at the deadline.
  std::string ReadAll(MonoTime deadline, const Clock& clock);

  // How it ended.
  enum class End { kFine, kDamaged, kCrashed, kTimeOver, kFailed };
  End Wait();

 private:
  int pid_ = -1;
  int output_ = -1;
};

// What each may take.
inline constexpr Seconds kCheckLimit{60};
inline constexpr Seconds kRescueLimit{120};

}  // namespace mxward
