// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mxward::dns {

// Reads a DNS message (RFC 1035 4) from front to back, and never past its end, whatever it holds.
// The first thing that does not fit makes it bad for good: numbers are then 0, texts empty. Value
// type; the message outlives it.
class WireReader {
 public:
  explicit WireReader(std::string_view message, std::size_t offset = 0)
      : message_(message), offset_(offset), bad_(offset > message.size()) {}

  bool bad() const { return bad_; }
  std::size_t offset() const { return offset_; }

  std::uint8_t U8();
  std::uint16_t U16();
  std::uint32_t U32();
  std::string_view Bytes(std::size_t size);
  // The name in its canonical wire form: labels with their length in front, ASCII letters in lower
  // case, without the root's zero; "" is the root. At most 254 bytes. Compression pointers may only
  // point further to the front than where they were met, so that no chain of them can loop.
  std::string Name();

 private:
  std::string_view message_;
  std::size_t offset_;
  bool bad_;
};

// What a host name holds between its dots, in lower case.
inline bool IsPlainNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// The wire form of a name as CleanName() gives it.
std::string ToWireName(std::string_view clean_name);
// A wire name as text without a trailing dot. Bytes that are not a plain part of a host name, dots
// within a label among them, become \DDD (RFC 1035 5.1): CleanName() refuses what comes out then.
std::string ToTextName(std::string_view wire_name);

}  // namespace mxward::dns
