// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"

namespace mxward {

// So many may do something at once, and no network more than its share of it, so that no stranger's
// crowd keeps others out. A network is a /24, or a /48 of IPv6; above it stand the /16 and the /32.
//
// Every request gets a place. If its network has its share already, its longest holder loses its.
// When all places are taken, one of the largest holder is lost: the /16 or /32 with the most
// places, in it the /24 or /48 with the most, in it the longest holder. What a loser makes of it is
// up to the holder: Place::lost(), and on_lost. Thread-safe.
class Shares {
  using Counts = std::map<Prefix, std::size_t>;  // places of each network that has some

 public:
  struct Limits {
    std::size_t most = 0;
    std::size_t most_of_one = 0;  // of a /24 or /48
    // For how long a place is safe from others of the same /16 or /32: they get none meanwhile.
    Millis least_hold{};
  };
  class Place {
   public:
    bool lost() const { return lost_.load(); }

   private:
    friend class Shares;
    MonoTime since_{};
    std::function<void()> on_lost_;
    std::atomic<bool> lost_{false};
    // While it is taken, else nothing: where it stands in places_, and its networks.
    std::optional<std::list<std::shared_ptr<Place>>::iterator> at_;
    Counts::iterator narrow_, wide_;
  };
  using PlacePtr = std::shared_ptr<Place>;

  explicit Shares(const Limits& limits) : limits_(limits) {}

  // Null when there is no place now. on_lost: called once if the place is lost, by the thread
  // that takes it, with no lock held; brief, does not throw, takes no place itself.
  PlacePtr Enter(const IpAddress& client, MonoTime now, std::function<void()> on_lost = {});
  void Leave(const PlacePtr& place);

  std::size_t taken() const;

 private:
  PlacePtr LongestOf(Counts::const_iterator narrow) const MXWARD_REQUIRES(mutex_);
  PlacePtr OfLargest() const MXWARD_REQUIRES(mutex_);
  void Remove(Place& place) MXWARD_REQUIRES(mutex_);

  const Limits limits_;
  mutable Mutex mutex_;
  std::list<PlacePtr> places_ MXWARD_GUARDED_BY(mutex_);  // the longest held first
  Counts narrow_ MXWARD_GUARDED_BY(mutex_);
  Counts wide_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
