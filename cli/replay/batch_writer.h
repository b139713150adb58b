// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "store/environment.h"
#include "store/writer.h"

namespace mxward::cli {

// Commits inside Submit() what is prompt, and with it what has come in the background; that alone
// when much of it waits, or on request. As the daemon's writer would, only without a thread. One
// thread at a time.
class BatchWriter : public store::Writer {
 public:
  explicit BatchWriter(store::Environment& environment) : environment_(environment) {}
  std::unique_ptr<store::Ticket> Submit(store::Operation operation,
                                        store::Priority priority) override;
  // Commits what waits.
  void Flush() {
    if (!jobs_.empty()) Commit();
  }
  // Whether a commit has failed: from then on the store is not what it should be.
  const Result<void>& outcome() const { return outcome_; }

  static constexpr std::size_t kBackground = 100;

 private:
  struct Job;
  class JobTicket;
  void Commit();

  store::Environment& environment_;
  std::vector<std::shared_ptr<Job>> jobs_;
  Result<void> outcome_;
};

}  // namespace mxward::cli
