// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace mxward::greylist {

// Roughly how many pending tuples each client has, in fixed memory: a count-min sketch, whose
// answers are never too low as long as every Add has been seen, and a little too high when millions
// of tuples wait. Too high only means that a client's further tuples are folded earlier.
//
// Not persistent. The sweep counts afresh while it walks the table, and its count takes over when
// it is through; so after a restart the numbers are right again after one sweep.
//
// Thread-safe; a concurrent Add and Get may miss each other.
class PendingCounts {
 public:
  PendingCounts();

  // client: TupleRecord::client_tag.
  void Add(std::uint32_t client);
  void Remove(std::uint32_t client);
  std::uint32_t Get(std::uint32_t client) const;

  // The sweep: Begin, Recount for each pending record, then Finish. What is added meanwhile is in
  // both.
  void BeginRecount();
  void Recount(std::uint32_t client);
  void FinishRecount();

 private:
  static constexpr std::size_t kRows = 4;
  static constexpr int kColumnBits = 14;
  static constexpr std::size_t kColumns = 1U << kColumnBits;
  using Cells = std::array<std::atomic<std::uint32_t>, kRows * kColumns>;

  static std::size_t Cell(std::uint32_t client, std::size_t row);
  static void Increment(Cells& cells, std::uint32_t client);
  static void Decrement(Cells& cells, std::uint32_t client);

  // Two tables: one is asked, the other is counted into or idle.
  std::array<std::unique_ptr<Cells>, 2> cells_;
  std::atomic<int> current_{0};
  std::atomic<bool> recounting_{false};
};

}  // namespace mxward::greylist
