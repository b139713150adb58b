// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "base/guarded.h"
#include "config/config.h"

namespace mxward {

// The configuration in force. Thread-safe.
class CurrentConfig {
 public:
  explicit CurrentConfig(std::shared_ptr<const Config> config)
      : config_(std::move(config)), current_(Get().get()) {}

  std::shared_ptr<const Config> Get() const { return *config_.Lock(); }
  // config = Get(), without a lock when it is that one already. What `config` points to cannot be
  // freed and made again meanwhile, so the same address is the same config.
  void Pin(std::shared_ptr<const Config>& config) const {
    if (config.get() != current_.load(std::memory_order_acquire)) config = Get();
  }
  void Set(std::shared_ptr<const Config> config) {
    auto pinned = config_.Lock();
    *pinned = std::move(config);
    current_.store(pinned->get(), std::memory_order_release);
  }

 private:
  mutable Guarded<std::shared_ptr<const Config>> config_;
  std::atomic<const Config*> current_;  // only to be compared with
};

}  // namespace mxward
