// SPDX-License-Identifier: Apache-2.0
#include "limits/zeroed_memory.h"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace mxward::limits {

// Not calloc(): once a big block was freed glibc takes others from its heap, and writes the zeroes.
ZeroedMemory::ZeroedMemory(std::size_t size)
    : size_(size),
      data_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0)) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
  // Two megabytes at the first touch would be a lot for a limit that hardly counts anything. A
  // wish: where there are no huge pages it fails.
  madvise(data_, size_, MADV_NOHUGEPAGE);
}

ZeroedMemory::~ZeroedMemory() {
  if (data_ != nullptr) munmap(data_, size_);
}

ZeroedMemory::ZeroedMemory(ZeroedMemory&& other) noexcept
    : size_(other.size_), data_(std::exchange(other.data_, nullptr)) {}

ZeroedMemory& ZeroedMemory::operator=(ZeroedMemory&& other) noexcept {
  std::swap(size_, other.size_);
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace mxward::limits
