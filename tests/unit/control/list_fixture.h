// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "config/loader.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {

inline constexpr const char* kSecretKey = "s3cr3tk3y";

// Three lists: one of clients with a key, an allow list, one of names. Everything else is as by
// default.
inline constexpr const char* kListConfigText =
    R"([greylist]
delay = "5m"

[names]
own = ["mx.here.example"]

[[dnsbl]]
name = "house"
zone = "{key}.bl.test"
key = "S3cr3tK3y"
codes = { "127.0.0.2" = 4, "127.0.0.4" = { score = 12, meaning = "exploited machines" } }

[[dnsbl]]
name = "friends"
zone = "wl.test"
codes = { "127.0.0.[2..9]" = -3 }
listed_v6 = ""
unlisted_v6 = ""
ipv6 = false

[[dnsbl]]
name = "domains"
zone = "dbl.test"
of = ["sender-domain", "helo"]
codes = { "127.0.1.2" = 6 }
)";

inline Config ListConfig() { return ParseConfig(kListConfigText, "test").value(); }

// Nobody is listed but the test points, and example.org takes mail.
inline void SetUpLists(dns::FakeResolver& resolver) {
  using dns::RecordType;
  resolver.Set("example.org", RecordType::kMx, dns::answers::Exchanges({{10, "mx.example.org"}}));
  resolver.Set("mx.example.org", RecordType::kA, dns::answers::Addresses({"198.51.100.25"}));
  const auto list = [&](const std::string& name, const std::string& code) {
    resolver.Set(name, RecordType::kA, dns::answers::Addresses({code}));
  };
  list("2.0.0.127.s3cr3tk3y.bl.test", "127.0.0.2");
  list("2.0.0.127.wl.test", "127.0.0.2");
  list("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.s3cr3tk3y.bl.test",
       "127.0.0.2");
  list("test.dbl.test", "127.0.1.2");
}

// Puts 192.0.2.66 on the list with a key; 127.0.0.4 rejects.
inline void ListClient(dns::FakeResolver& resolver, const std::string& code,
                       const std::string& text = "") {
  const std::string name = "66.2.0.192.s3cr3tk3y.bl.test";
  resolver.Set(name, dns::RecordType::kA, dns::answers::Addresses({code}));
  if (!text.empty()) resolver.Set(name, dns::RecordType::kTxt, dns::answers::Texts({text}));
}

// The API with these lists, on fake DNS.
class ListFixture : public ApiFixture {
 public:
  explicit ListFixture(Config config = ListConfig()) : ApiFixture(std::move(config)) {
    SetUpLists(resolver);
  }
};

// The item of that name, or null.
inline Json ItemNamed(const Json& array, std::string_view member, std::string_view name) {
  for (const Json& item : array.items()) {
    if (item[member].text() == name) return item;
  }
  return {};
}

}  // namespace mxward
