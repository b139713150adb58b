// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace mxward {

// The disk under LMDB, in the unit tests only: tests/unit/store/disk_trouble_test.cc stands between
// LMDB and the C library. The first two pages of the file are LMDB's meta pages; when one cannot be
// written, the environment is unusable until it is opened again, for readers, too.
enum class Disk : std::uint8_t { kGood, kNoMeta, kNoData, kNoFlush };
inline std::atomic<Disk> g_disk{Disk::kGood};

class BadDisk {
 public:
  explicit BadDisk(Disk disk) { g_disk = disk; }
  ~BadDisk() { g_disk = Disk::kGood; }
  BadDisk(const BadDisk&) = delete;
  BadDisk& operator=(const BadDisk&) = delete;
};

}  // namespace mxward
