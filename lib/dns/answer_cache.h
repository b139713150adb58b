// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/siphash.h"
#include "dns/question.h"

namespace mxward::dns {

// Remembers answers for as long as their TTL says, and no more of them than it may: the ones that
// nobody asked for the longest go first. What failed is never remembered, so that a failure cannot
// be taken for "not listed".
//
// Made for hundreds of thousands of small answers: each is one block of memory that holds the
// links, the name and the records, packed (about 110 bytes for a usual DNS list answer), and
// becomes an Answer only when it is found. Names come from the network, so their places in the
// table are found by a keyed hash. Thread-safe; every call is short.
class AnswerCache {
 public:
  // At most that many answers, and at most kBytesAnswer bytes for each of them on average: a few
  // thousand answers of the greatest size cannot take the machine's memory.
  explicit AnswerCache(std::size_t max_entries);
  ~AnswerCache();
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  // Null when nothing is known, or not any more.
  AnswerPtr Find(const Question& question, MonoTime now);
  // Keeps the answer until answer.answered + answer.ttl, in the place of what was known. Ignored
  // when it is kFailed or its TTL is 0.
  void Put(const Question& question, const Answer& answer);

  // Forgets what is too much for the new limit.
  void SetMaxEntries(std::size_t max_entries);

  std::size_t entries() const;
  std::size_t bytes() const;  // of all blocks and the table, as asked for from the allocator

  static constexpr std::size_t kBytesAnswer = 512;

 private:
  struct Entry;

  std::size_t BucketOf(std::string_view name, RecordType type) const MXWARD_REQUIRES(mutex_);
  Entry** Place(std::string_view name, RecordType type) MXWARD_REQUIRES(mutex_);
  void Unlink(Entry* entry) MXWARD_REQUIRES(mutex_);
  void LinkFirst(Entry* entry) MXWARD_REQUIRES(mutex_);
  void Remove(Entry** place) MXWARD_REQUIRES(mutex_);
  void Trim() MXWARD_REQUIRES(mutex_);
  void Grow() MXWARD_REQUIRES(mutex_);

  const HashKey key_;
  mutable Mutex mutex_;
  std::vector<Entry*> buckets_ MXWARD_GUARDED_BY(mutex_);  // a power of two
  Entry* newest_ MXWARD_GUARDED_BY(mutex_) = nullptr;
  Entry* oldest_ MXWARD_GUARDED_BY(mutex_) = nullptr;
  std::size_t max_entries_ MXWARD_GUARDED_BY(mutex_);
  std::size_t entries_ MXWARD_GUARDED_BY(mutex_) = 0;
  std::size_t entry_bytes_ MXWARD_GUARDED_BY(mutex_) = 0;
};

// The records of an answer as bytes, as the cache keeps them: nothing at all for a negative answer,
// 5 bytes for an IPv4 address. Pure. Only ever read by the process that wrote it.
std::string PackRecords(const Answer& answer);
// Adds the records to an answer. REQUIRES: bytes are of PackRecords().
void UnpackRecords(std::string_view bytes, Answer& answer);

}  // namespace mxward::dns
