// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/transaction.h"

namespace mxward::store {

// Records one after the other, in a pipe or in a file: what a rescue hands over, and the copy
// beside the database (saved_copy.h). NOTE: a persistent format. Integers big-endian:
//
//   8 bytes "mxward-1"
//   then for each record 1 byte table (its number in Table), 2 bytes length of the key, 4 bytes
//   length of the value, 8 bytes checksum, key, value
//   at the end the same with table 255, no key, and as its value the number of records in 8 bytes
//
// The checksum is SipHash-2-4 under a key of zeros, of the 7 bytes before it, key and value.
class RecordWriter {
 public:
  // Does not own the descriptor.
  explicit RecordWriter(int fd) : fd_(fd), buffer_("mxward-1") {}

  // kIo once something could not be written; then nothing more is.
  Result<void> Put(Table table, std::string_view key, std::string_view value);
  // The end, and all that is still buffered.
  Result<void> Finish();

 private:
  void Append(std::uint8_t table, std::string_view key, std::string_view value);
  Result<void> Flush();

  int fd_;
  std::string buffer_;
  std::uint64_t records_ = 0;
};

class RecordReader {
 public:
  struct Record {
    Table table;
    std::string key;
    std::string value;
  };
  explicit RecordReader(int fd) : fd_(fd) {}

  // Nothing at the end, and where what follows is not a whole and right record.
  std::optional<Record> Next();
  // Once Next() has returned nothing: whether that was the end.
  bool complete() const { return complete_; }

 private:
  bool Fill(std::size_t size);

  int fd_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  std::uint64_t records_ = 0;
};

}  // namespace mxward::store
