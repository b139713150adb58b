// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/code_filter.h"
#include "config/config.h"

namespace mxward::dnsbl {

// A code as a profile writes it. Ends the test when the filter is malformed.
inline DnsblCode Code(const std::string& filter, int score, std::string meaning = "") {
  return {CodeFilter::Parse(filter).value(), score, std::move(meaning)};
}

// A list of bad clients with the key "sekret" in its zone, and both families' test points.
inline DnsblConfig ClientList(std::vector<DnsblCode> codes) {
  DnsblConfig list;
  list.name = "Example";
  list.key = "sekret";
  list.zone = "sekret.bl.example.net";
  list.public_zone = "bl.example.net";
  list.of = {DnsblOf::kClient};
  list.codes = std::move(codes);
  list.listed_v4 = "2.0.0.127";
  list.unlisted_v4 = "1.0.0.127";
  list.listed_v6 = "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
  list.unlisted_v6 = "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
  return list;
}
inline DnsblConfig ClientList() { return ClientList({Code("127.0.0.[2..11]", 6)}); }

// A list of bad names.
inline DnsblConfig NameList(std::vector<DnsblCode> codes) {
  DnsblConfig list = ClientList(std::move(codes));
  list.of = {DnsblOf::kHelo, DnsblOf::kSenderDomain};
  list.listed_v4 = list.unlisted_v4 = list.listed_v6 = list.unlisted_v6 = "";
  list.listed_name = "test";
  list.unlisted_name = "invalid";
  return list;
}
inline DnsblConfig NameList() { return NameList({Code("127.0.1.[2..99]", 6)}); }

}  // namespace mxward::dnsbl
