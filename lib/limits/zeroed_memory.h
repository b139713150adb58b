// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mxward::limits {

// A piece of memory that begins as zeroes and costs nothing until it is touched, page by page.
class ZeroedMemory {
 public:
  // Throws std::bad_alloc. REQUIRES: size > 0
  explicit ZeroedMemory(std::size_t size);
  ~ZeroedMemory();
  ZeroedMemory(const ZeroedMemory&) = delete;
  ZeroedMemory& operator=(const ZeroedMemory&) = delete;
  ZeroedMemory(ZeroedMemory&& other) noexcept;
  ZeroedMemory& operator=(ZeroedMemory&& other) noexcept;

  void* data() const { return data_; }

 private:
  std::size_t size_;
  void* data_;
};

}  // namespace mxward::limits
