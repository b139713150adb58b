// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "config/config.h"

namespace mxward {

// A config of small, round numbers, so that unit tests neither need the option table nor change
// with its defaults.
inline Config TestConfig() {
  Config config;
  config.exempt_recipients = {"postmaster", "abuse"};
  config.trust.loopback = true;
  config.trust.self = true;
  config.score.greylist = 2;
  config.score.reject = 10;
  config.score.own_limit = 100;
  config.score.tls_none = 2;
  config.score.unauthenticated = 5;
  config.score.spf_fail = config.score.spf_softfail = config.score.spf_permerror = 1;
  config.spf.questions = 20;
  config.score.rdns_none = config.score.rdns_forged = config.score.rdns_dynamic = 4;
  config.score.helo_self = config.score.helo_ip = config.score.helo_literal_mismatch = 2;
  config.score.helo_not_fqdn = 1;
  config.score.helo_verified = -3;
  config.score.sender_domain_none = config.score.sender_null_mx = 2;
  config.score.sender_mx_nowhere = 2;
  config.score.history_bad = 1;
  config.score.history_good = -2;
  config.dns.deadline = Millis(2000);
  config.dns.cache_entries = 1000;
  config.dns.max_outstanding = 100;
  config.score.history_bad = 1;
  config.score.history_good = -2;
  config.limits.memory = 1 << 18;
  config.clients.lifetime = Seconds(60 * 86400);
  config.greylist.apply = GreylistApply::kAll;
  config.greylist.delay = Seconds(300);
  config.greylist.retry_window = Seconds(48 * 3600);
  config.greylist.lifetime = Seconds(36 * 86400);
  config.greylist.auto_allow_after = 3;
  config.greylist.auto_allow_lifetime = Seconds(60 * 86400);
  config.greylist.auto_allow_except = {"hoster.example"};
  config.greylist.identity_name = true;
  config.greylist.identity_network = true;
  config.greylist.identity_spf = true;
  config.greylist.network_v4 = 24;
  config.greylist.network_v6 = 64;
  config.greylist.max_pending = 500;
  config.greylist.text = "Greylisted, please try again in {seconds} seconds";
  config.limits.memory = 1 << 20;
  config.clients.lifetime = Seconds(60 * 86400);
  config.store.deadline = Millis(1000);
  return config;
}

inline std::shared_ptr<const Config> Shared(Config config) {
  return std::make_shared<const Config>(std::move(config));
}

}  // namespace mxward
