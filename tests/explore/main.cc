// SPDX-License-Identifier: Apache-2.0
//
// mxward_explore DEPTH [STATES]: tries all orders of DEPTH events in a small world of greylisting
// (world.h). Ends with 1 when something is accepted that must not be, and shows the events that led
// there; or when it has seen fewer than STATES states, for then it has not looked at much.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/explore/world.h"

namespace mxward::explore {
namespace {

// The worlds that were seen, by 60 bits of their hash, each with how many more events were tried
// from there. Open addressing: the standard library's tables take several times the memory.
class Seen {
 public:
  Seen() : slots_(std::size_t{1} << 20) {}

  // True when so many events have not been tried from there yet; from now on they have.
  bool Enter(std::uint64_t hash, std::uint64_t depth) {
    if (2 * count_ > slots_.size()) Grow();
    std::uint64_t& slot = Find(hash);
    if (slot == 0) ++count_;
    if (slot != 0 && (slot & kDepth) >= depth) return false;
    slot = (hash & ~kDepth) | depth;
    return true;
  }
  std::size_t count() const { return count_; }

 private:
  static constexpr std::uint64_t kDepth = 15;

  std::uint64_t& Find(std::uint64_t hash) {
    std::size_t at = (hash >> 4) & (slots_.size() - 1);
    while (slots_[at] != 0 && ((slots_[at] ^ hash) & ~kDepth) != 0) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return slots_[at];
  }
  void Grow() {
    std::vector<std::uint64_t> old(2 * slots_.size());
    old.swap(slots_);
    for (const std::uint64_t slot : old) {
      if (slot != 0) Find(slot) = slot;
    }
  }

  std::vector<std::uint64_t> slots_;
  std::size_t count_ = 0;
};

class Explorer {
 public:
  // False when something was accepted that must not be.
  bool Explore(const World& world, unsigned depth) {
    for (std::size_t event = 0; event < World::kEvents; ++event) {
      World next = world;
      if (!next.Happen(event)) continue;
      ++tries_;
      if (next.problem() != nullptr) {
        std::printf("%s:\n%s", next.problem(), next.History().c_str());
        return false;
      }
      if (seen_.Enter(next.Hash(), depth) && depth > 1 && !Explore(next, depth - 1)) return false;
    }
    return true;
  }

  std::size_t states() const { return seen_.count(); }
  std::size_t tries() const { return tries_; }

 private:
  Seen seen_;
  std::size_t tries_ = 0;
};

int Main(int argc, char** argv) {
  const int depth = argc > 1 ? std::atoi(argv[1]) : 0;
  const unsigned long long wanted = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (depth < 1 || depth > static_cast<int>(World::kMostEvents)) {
    std::fputs("usage: mxward_explore DEPTH [STATES]\n", stderr);
    return 64;
  }
  Explorer explorer;
  if (!explorer.Explore(World(), static_cast<unsigned>(depth))) return 1;
  std::printf("%zu states, %zu events tried, all orders of %d\n", explorer.states(),
              explorer.tries(), depth);
  return explorer.states() >= wanted ? 0 : 1;
}

}  // namespace
}  // namespace mxward::explore

int main(int argc, char** argv) { return mxward::explore::Main(argc, argv); }
