// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace mxward {

// Big-endian integers in the byte strings that are stored.
class ByteWriter {
 public:
  void U8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void U16(std::uint16_t value) { Put(value, 2); }
  void U32(std::uint32_t value) { Put(value, 4); }
  void U64(std::uint64_t value) { Put(value, 8); }
  void Time(WallTime time) {
    const auto seconds = time.time_since_epoch().count();
    U32(static_cast<std::uint32_t>(seconds < 0              ? 0
                                   : seconds > 0xffffffffLL ? 0xffffffffLL
                                                            : seconds));
  }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  // A length of two bytes, then the text. REQUIRES: text.size() < 65536
  void Text(std::string_view text) {
    U16(static_cast<std::uint16_t>(text.size()));
    Raw(text);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  void Put(std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(value >> shift));
    }
  }
  std::string bytes_;
};

// Reads what ByteWriter wrote. Past the end everything is 0 and ok() false: check once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t U8() { return static_cast<std::uint8_t>(Get(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Get(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Get(4)); }
  std::uint64_t U64() { return Get(8); }
  WallTime Time() { return WallTime(Seconds(U32())); }
  std::string_view Raw(std::size_t size) {
    if (rest_.size() < size) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string_view Text() { return Raw(U16()); }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::uint64_t Get(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : Raw(size)) value = (value << 8) | static_cast<std::uint8_t>(byte);
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace mxward
