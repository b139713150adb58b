// SPDX-License-Identifier: Apache-2.0
#include "milter/pool_watch.h"

#include <unistd.h>

#include <utility>

namespace mxward {

PoolWatch::PoolWatch(const SelfConnect& socket, std::function<std::uint64_t()> finished)
    : socket_(socket), finished_(std::move(finished)) {}

PoolWatch::~PoolWatch() {
  if (waiting_ >= 0) close(waiting_);
}

int PoolWatch::Look() {
  const std::uint64_t finished = finished_();
  const bool served = std::exchange(seen_, finished) != finished;
  const bool asked = waiting_ >= 0;
  // The new one first: where descriptors have run out it fails, and that is no hang.
  const int next = served ? -1 : socket_.Negotiate();
  stalled_ = !served && asked && next >= 0 ? stalled_ + 1 : 0;
  if (asked) close(waiting_);
  waiting_ = next;
  return stalled_;
}

}  // namespace mxward
