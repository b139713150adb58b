// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "metrics/snapshot.h"
#include "store/environment.h"
#include "store/record_stream.h"
#include "store/run_mark.h"

namespace mxward {

// Stands between the daemon and a database that may be damaged (ARCHITECTURE.md, "On disk").
//
// A database of at most 64 MiB is checked at every start, a larger one after an end that was not
// orderly; in a process of its own (store_child.h). Where that takes longer than a start may wait,
// the daemon serves meanwhile without it. A damaged one is put aside, and a new one begins with the
// hash key, the administrator's entries and whatever can be read of the old one. So it is after two
// crashes in a row within a minute of a start; after a third one only key and entries are taken
// over. What ends it otherwise than by a crash (kill -9, a power failure) is no reason for either.
//
// Start() and Stop() are for the thread that builds; the rest is thread-safe. Never destroyed: its
// thread runs until the process ends.
class StoreGuard {
 public:
  // All outlive it.
  StoreGuard(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  // Returns once the database is ready, or after `patience`: then it is there, but not ready
  // (Environment::ready()). An error: it cannot be used as it is, and is not to be touched.
  Result<std::unique_ptr<store::Environment>> Start(store::Environment::Options options,
                                                    Millis patience);
  // Calls it, on another thread, when the database becomes ready; at once if it has become so since
  // Start() returned.
  void OnReady(std::function<void()> ready);
  metrics::StoreCheck status();
  // flushed: all that was to be written is on disk.
  void Stop(bool flushed);

 private:
  void Run();
  Result<void> Admit();
  Result<void> Open(const std::string& data);
  Result<void> Replace(const std::string& why, bool rescue);
  void Rescue(const std::string& file);
  bool IsOurs(const std::string& data);
  void Note(const std::function<void(metrics::StoreCheck&)>& change);
  std::string Check(bool* damaged);

  const Clock& clock_;
  Log& log_;
  store::Environment* environment_ = nullptr;
  std::optional<store::RunMark> mark_;
  store::RunMark::Found before_;
  Mutex mutex_;
  CondVar changed_;
  metrics::StoreCheck status_ MXWARD_GUARDED_BY(mutex_);
  std::optional<Result<void>> outcome_ MXWARD_GUARDED_BY(mutex_);
  bool late_ MXWARD_GUARDED_BY(mutex_) = false;  // Start() did not wait for it
  bool stopped_ MXWARD_GUARDED_BY(mutex_) = false;
  std::function<void()> on_ready_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
