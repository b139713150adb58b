// SPDX-License-Identifier: Apache-2.0
#include "dns/wire.h"

#include <algorithm>

#include "base/text.h"

namespace mxward::dns {
namespace {

constexpr std::size_t kMaxWireName = 254;  // without the root's zero (RFC 1035 2.3.4)
constexpr unsigned kPointer = 0xc0;

void AppendDecimal(std::string& out, unsigned char byte) {
  out += '\\';
  out += static_cast<char>('0' + byte / 100);
  out += static_cast<char>('0' + byte / 10 % 10);
  out += static_cast<char>('0' + byte % 10);
}

}  // namespace

std::string_view WireReader::Bytes(std::size_t size) {
  if (bad_ || size > message_.size() - offset_) {
    bad_ = true;
    return {};
  }
  const std::string_view bytes = message_.substr(offset_, size);
  offset_ += size;
  return bytes;
}

std::uint8_t WireReader::U8() {
  const std::string_view bytes = Bytes(1);
  return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
}

std::uint16_t WireReader::U16() {
  const unsigned high = U8();
  return static_cast<std::uint16_t>(high << 8U | U8());
}

std::uint32_t WireReader::U32() {
  const std::uint32_t high = U16();
  return high << 16U | U16();
}

std::string WireReader::Name() {
  std::string name;
  WireReader at = *this;
  std::size_t front = offset_;  // pointers have to point before it
  bool jumped = false;
  for (;;) {
    const unsigned length = at.U8();
    if (length >= kPointer) {
      const std::size_t target = (length & ~kPointer) << 8U | at.U8();
      if (!jumped) offset_ = at.offset_;
      jumped = true;
      if (at.bad_ || target >= front) break;
      front = target;
      at = WireReader(message_, target);
      continue;
    }
    if (at.bad_ || length > 63) break;  // 0x40 and 0x80 are no label types in use
    if (length == 0) {
      if (!jumped) offset_ = at.offset_;
      return name;
    }
    const std::string_view label = at.Bytes(length);
    if (at.bad_ || name.size() + 1 + length > kMaxWireName) break;
    name += static_cast<char>(length);
    name += ToLower(label);
  }
  bad_ = true;
  return {};
}

std::string ToWireName(std::string_view clean_name) {
  std::string wire;
  while (!clean_name.empty()) {
    const std::string_view label = clean_name.substr(0, clean_name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    clean_name.remove_prefix(std::min(label.size() + 1, clean_name.size()));
  }
  return wire;
}

std::string ToTextName(std::string_view wire_name) {
  std::string text;
  while (!wire_name.empty()) {
    if (!text.empty()) text += '.';
    const auto length = static_cast<unsigned char>(wire_name.front());
    for (const char c : wire_name.substr(1, length)) {
      if (IsPlainNameByte(c)) {
        text += c;
      } else {
        AppendDecimal(text, static_cast<unsigned char>(c));
      }
    }
    wire_name.remove_prefix(std::min<std::size_t>(length + 1U, wire_name.size()));
  }
  return text;
}

}  // namespace mxward::dns
