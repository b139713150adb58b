// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "base/siphash.h"
#include "config/config.h"

namespace mxward {

// Whether a HELO name can stand in for a missing reverse name, where it resolves to the client's
// address: a host name with a domain (CheckHelo() finds no fault), not an address literal, and not
// one that looks dynamic. Pure.
bool CanVerifyHelo(std::string_view helo, const IpAddress& client, const Config& config,
                   std::string_view mta_name);

// Which networks the HELO names of each organisation have been verified for. Whoever has a domain
// and a name server can let names in it resolve to any machine: one organisation verifies for
// kMostNetworks of them (/24, /48) within kWindow, and so clears no botnet.
//
// An organisation here is what somebody registered with a registry: below a domain where anybody
// gets names for nothing (the private section of the public suffix list) all are one.
//
// Thread-safe. Bounded: kMostOrganisations; the one that was verified longest ago is forgotten.
class VerifiedHelos {
 public:
  static constexpr std::size_t kMostNetworks = 8;
  static constexpr std::size_t kMostOrganisations = 1024;
  static constexpr Seconds kWindow{7 * 86400};

  // key: of the database, and outlives this; so nobody can choose whose hash his name shares.
  VerifiedHelos(const Clock& clock, const HashKey& key) : clock_(clock), key_(key) {}

  // A name of the organisation resolves to the client: whether that counts. If it does, the
  // client's network is one of the organisation's from now on.
  bool Admit(std::string_view helo, const IpAddress& client);
  // The same, without taking a place.
  bool WouldAdmit(std::string_view helo, const IpAddress& client) const;

  // What a restart must not forget, ten bytes a network. Of a network it changes once an hour.
  std::string Encode() const;
  void Restore(std::string_view bytes);

 private:
  struct Network {
    std::uint32_t hash = 0;
    WallTime last{};  // to the hour
  };
  struct Organisation {
    std::vector<Network> networks;
    WallTime last() const;
  };
  std::uint64_t OrganisationOf(std::string_view helo) const;
  std::uint32_t NetworkOf(const IpAddress& client) const;
  void MakeRoom() MXWARD_REQUIRES(mutex_);

  const Clock& clock_;
  const HashKey& key_;
  mutable Mutex mutex_;
  std::map<std::uint64_t, Organisation> organisations_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
