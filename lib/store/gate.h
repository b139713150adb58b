// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

namespace mxward::store {

// A reader-writer lock that lets a waiting writer in before new readers. std::shared_mutex on glibc
// does not: with readers always overlapping, the thread that has to grow the map would wait for
// ever. Readers hold it for one read transaction, the writer only to remap or reopen the
// environment. Not recursive.
class Gate {
 public:
  Gate() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~Gate() { pthread_rwlock_destroy(&lock_); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void LockShared() { pthread_rwlock_rdlock(&lock_); }
  void UnlockShared() { pthread_rwlock_unlock(&lock_); }
  void LockExclusive() { pthread_rwlock_wrlock(&lock_); }
  void UnlockExclusive() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

}  // namespace mxward::store
