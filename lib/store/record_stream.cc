// SPDX-License-Identifier: Apache-2.0
#include "store/record_stream.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/siphash.h"

namespace mxward::store {
namespace {

constexpr std::string_view kStreamMagic = "mxward-1";
constexpr std::uint8_t kStreamEnd = 255;
constexpr std::size_t kStreamHead = 7;
constexpr std::size_t kStreamSum = 8;
constexpr std::size_t kStreamBuffer = 64 << 10;
constexpr std::size_t kMostOfValue = 64 << 20;

std::uint64_t StreamSum(std::string_view head, std::string_view key, std::string_view value) {
  std::string all(head);
  all.append(key).append(value);
  return SipHash(HashKey{}, all);
}

}  // namespace

void RecordWriter::Append(std::uint8_t table, std::string_view key, std::string_view value) {
  ByteWriter head;
  head.U8(table);
  head.U16(static_cast<std::uint16_t>(key.size()));
  head.U32(static_cast<std::uint32_t>(value.size()));
  const std::string bytes = head.Take();
  ByteWriter sum;
  sum.U64(StreamSum(bytes, key, value));
  buffer_.append(bytes).append(sum.Take()).append(key).append(value);
}

Result<void> RecordWriter::Put(Table table, std::string_view key, std::string_view value) {
  if (fd_ < 0) return Fail(ErrorCode::kIo, "writing records: failed before");
  Append(static_cast<std::uint8_t>(table), key, value);
  ++records_;
  return buffer_.size() < kStreamBuffer ? Result<void>() : Flush();
}

Result<void> RecordWriter::Finish() {
  if (fd_ < 0) return Fail(ErrorCode::kIo, "writing records: failed before");
  ByteWriter count;
  count.U64(records_);
  Append(kStreamEnd, "", count.Take());
  return Flush();
}

Result<void> RecordWriter::Flush() {
  std::string_view rest(buffer_);
  while (!rest.empty()) {
    const ssize_t done = write(fd_, rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      fd_ = -1;
      return Fail(ErrorCode::kIo, std::string("writing records: ") + std::strerror(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
  buffer_.clear();
  return {};
}

// Whether so many bytes are there from at_ on.
bool RecordReader::Fill(std::size_t size) {
  if (buffer_.size() - at_ >= size) return true;
  buffer_.erase(0, std::exchange(at_, 0));
  while (buffer_.size() < size) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kStreamBuffer);
    const ssize_t got = read(fd_, buffer_.data() + before, kStreamBuffer);
    buffer_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
  }
  return true;
}

std::optional<RecordReader::Record> RecordReader::Next() {
  if (complete_) return std::nullopt;
  if (!begun_) {
    if (!Fill(kStreamMagic.size()) ||
        std::string_view(buffer_).substr(at_, kStreamMagic.size()) != kStreamMagic) {
      return std::nullopt;
    }
    at_ += kStreamMagic.size();
    begun_ = true;
  }
  if (!Fill(kStreamHead + kStreamSum)) return std::nullopt;
  ByteReader head(std::string_view(buffer_).substr(at_, kStreamHead + kStreamSum));
  const std::uint8_t table = head.U8();
  const std::size_t key_bytes = head.U16();
  const std::size_t value_bytes = head.U32();
  const std::uint64_t sum = head.U64();
  if (value_bytes > kMostOfValue) return std::nullopt;
  const std::size_t size = kStreamHead + kStreamSum + key_bytes + value_bytes;
  if (!Fill(size)) return std::nullopt;
  const std::string_view bytes = std::string_view(buffer_).substr(at_, size);
  const std::string_view key = bytes.substr(kStreamHead + kStreamSum, key_bytes);
  const std::string_view value = bytes.substr(kStreamHead + kStreamSum + key_bytes);
  if (StreamSum(bytes.substr(0, kStreamHead), key, value) != sum) return std::nullopt;
  at_ += size;
  if (table == kStreamEnd) {
    ByteReader count(value);
    complete_ = count.U64() == records_ && count.ok();
    return std::nullopt;
  }
  if (table >= kTableCount || key.empty()) return std::nullopt;
  ++records_;
  return Record{static_cast<Table>(table), std::string(key), std::string(value)};
}

}  // namespace mxward::store
