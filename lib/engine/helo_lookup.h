// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "dns/resolver.h"
#include "engine/trouble.h"
#include "policy/evidence.h"

namespace mxward {

// Whether the name that a client says at HELO resolves to its address: one question, A or AAAA as
// the client's address is. It is the client's question: see Trouble. Thread-safe; the answer comes
// on the resolver's thread, also when nobody waits for it any more.
class HeloLookup : public std::enable_shared_from_this<HeloLookup> {
 public:
  // name: see CleanName(). resolver and clock outlive it; so does trouble, which may be null: it
  // leaves no trace.
  static std::shared_ptr<HeloLookup> Start(const std::string& name, const IpAddress& client,
                                           dns::Resolver& resolver, const Clock& clock,
                                           Trouble* trouble,
                                           std::shared_ptr<dns::Progress> progress);

  policy::Evidence::HeloAddress Current() const;
  // While its answer is not there.
  std::optional<MonoTime> LastAskedPending() const;

 private:
  HeloLookup(std::string name, const IpAddress& client, MonoTime asked,
             std::shared_ptr<dns::Progress> progress);
  void Hear(const dns::Answer& answer, bool from_cache);

  const std::string name_;
  const IpAddress client_;
  const MonoTime asked_;
  const std::shared_ptr<dns::Progress> progress_;
  mutable Mutex mutex_;
  std::optional<policy::Evidence::HeloAddress> known_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
