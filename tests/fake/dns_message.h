// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mxward::dns {

// Writes DNS messages (RFC 1035 4) for tests, right and wrong ones.

inline std::string Wire16(unsigned number) {
  return {static_cast<char>(number >> 8U & 0xffU), static_cast<char>(number & 0xffU)};
}
inline std::string Wire32(std::uint32_t number) {
  return Wire16(number >> 16U) + Wire16(number & 0xffffU);
}
// "a.example" with the root's zero behind it; "" is the root.
inline std::string WireName(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(label.size() == name.size() ? name.size() : label.size() + 1);
  }
  return wire + '\0';
}

inline constexpr unsigned kTypeA = 1;
inline constexpr unsigned kTypeNs = 2;
inline constexpr unsigned kTypeCname = 5;
inline constexpr unsigned kTypeSoa = 6;
inline constexpr unsigned kTypePtr = 12;
inline constexpr unsigned kTypeMx = 15;
inline constexpr unsigned kTypeTxt = 16;
inline constexpr unsigned kTypeAaaa = 28;

// The owner in wire form.
inline std::string RawRecord(const std::string& owner, unsigned type, std::uint32_t ttl,
                             const std::string& data, unsigned record_class = 1) {
  return owner + Wire16(type) + Wire16(record_class) + Wire32(ttl) +
         Wire16(static_cast<unsigned>(data.size())) + data;
}
inline std::string ARecord(std::string_view owner, std::uint32_t ttl, const std::string& address) {
  return RawRecord(WireName(owner), kTypeA, ttl, address);
}
inline std::string CnameRecord(std::string_view owner, std::uint32_t ttl, std::string_view target) {
  return RawRecord(WireName(owner), kTypeCname, ttl, WireName(target));
}
inline std::string MxRecord(std::string_view owner, std::uint32_t ttl, unsigned preference,
                            std::string_view exchange) {
  return RawRecord(WireName(owner), kTypeMx, ttl, Wire16(preference) + WireName(exchange));
}
// One string; its length in front.
inline std::string TxtString(std::string_view text) {
  return static_cast<char>(text.size()) + std::string(text);
}
inline std::string SoaRecord(std::string_view owner, std::uint32_t ttl, std::uint32_t minimum) {
  return RawRecord(WireName(owner), kTypeSoa, ttl,
                   WireName("ns.example") + WireName("host.example") + Wire32(1) + Wire32(2) +
                       Wire32(3) + Wire32(4) + Wire32(minimum));
}

inline const std::string kListed{"\x7f\0\0\x02", 4};  // 127.0.0.2

struct DnsMessage {
  unsigned id = 0x1234;
  unsigned flags = 0x8180;  // a response, recursion desired and available, NOERROR
  std::string name = "a.example";
  unsigned type = kTypeA;
  std::vector<std::string> answers;
  std::vector<std::string> authorities;

  DnsMessage& Rcode(unsigned rcode) {
    flags = (flags & ~0xfU) | rcode;
    return *this;
  }
  std::string Bytes() const {
    std::string bytes = Wire16(id) + Wire16(flags) + Wire16(1) +
                        Wire16(static_cast<unsigned>(answers.size())) +
                        Wire16(static_cast<unsigned>(authorities.size())) + Wire16(0) +
                        WireName(name) + Wire16(type) + Wire16(1);
    for (const std::string& record : answers) bytes += record;
    for (const std::string& record : authorities) bytes += record;
    return bytes;
  }
};

}  // namespace mxward::dns
