// SPDX-License-Identifier: Apache-2.0
#include "milter/memory.h"

#include <malloc.h>
#include <pthread.h>

#include <cstddef>

namespace mxward {

// libmilter starts a worker whenever none is idle, and ends it soon after. glibc keeps 40 MB of
// their stacks, five of the usual 8 MB: others are mapped and unmapped again and again. And it
// gives every few threads an arena of their own, each of which keeps what was once needed at a
// time.
void TuneAllocator() {
#ifdef __GLIBC__
  constexpr std::size_t kStack = std::size_t{1} << 20;
  constexpr int kArenas = 2;
  // The default; set, it does not rise with what was once needed.
  constexpr int kMapped = 128 << 10;
  pthread_attr_t attributes;
  if (pthread_getattr_default_np(&attributes) == 0) {
    if (pthread_attr_setstacksize(&attributes, kStack) == 0) {
      pthread_setattr_default_np(&attributes);
    }
    pthread_attr_destroy(&attributes);
  }
  mallopt(M_ARENA_MAX, kArenas);
  mallopt(M_MMAP_THRESHOLD, kMapped);
#endif
}

void ReturnFreeMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace mxward
