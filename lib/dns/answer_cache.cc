// SPDX-License-Identifier: Apache-2.0
#include "dns/answer_cache.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>

namespace mxward::dns {
namespace {

constexpr std::size_t kFirstBuckets = 1024;

enum class Tag : char { kV4, kV6, kExchange, kText, kName };

void AppendNumber(std::string& out, std::size_t number) {
  const auto value = static_cast<std::uint16_t>(std::min<std::size_t>(number, UINT16_MAX));
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xffU);
}

void AppendText(std::string& out, std::string_view text) {
  text = text.substr(0, UINT16_MAX);
  AppendNumber(out, text.size());
  out += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }
  std::string_view Take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint8_t Byte() {
    const auto taken = Take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }
  std::uint16_t Number() {
    const unsigned high = Byte();
    return static_cast<std::uint16_t>(high << 8U | Byte());
  }
  std::string_view Text() { return Take(Number()); }

 private:
  std::string_view rest_;
};

IpAddress ReadAddress(std::string_view bytes) {
  std::array<std::uint8_t, 16> address{};
  std::memcpy(address.data(), bytes.data(), std::min(bytes.size(), address.size()));
  if (bytes.size() == address.size()) return IpAddress::V6(address);
  return IpAddress::V4(std::uint32_t{address[0]} << 24U | std::uint32_t{address[1]} << 16U |
                       std::uint32_t{address[2]} << 8U | address[3]);
}

}  // namespace

std::string PackRecords(const Answer& answer) {
  std::string out;
  for (const IpAddress& address : answer.addresses) {
    out += static_cast<char>(address.is_v4() ? Tag::kV4 : Tag::kV6);
    out += address.view();
  }
  for (const MailExchange& exchange : answer.exchanges) {
    out += static_cast<char>(Tag::kExchange);
    AppendNumber(out, exchange.preference);
    AppendText(out, exchange.exchange);
  }
  for (const std::string& text : answer.texts) {
    out += static_cast<char>(Tag::kText);
    AppendText(out, text);
  }
  for (const std::string& name : answer.names) {
    out += static_cast<char>(Tag::kName);
    AppendText(out, name);
  }
  return out;
}

void UnpackRecords(std::string_view bytes, Answer& answer) {
  Reader reader(bytes);
  while (!reader.done()) {
    switch (static_cast<Tag>(reader.Byte())) {
      case Tag::kV4:
        answer.addresses.push_back(ReadAddress(reader.Take(4)));
        break;
      case Tag::kV6:
        answer.addresses.push_back(ReadAddress(reader.Take(16)));
        break;
      case Tag::kExchange: {
        const std::uint16_t preference = reader.Number();
        answer.exchanges.push_back({preference, std::string(reader.Text())});
        break;
      }
      case Tag::kText:
        answer.texts.emplace_back(reader.Text());
        break;
      case Tag::kName:
        answer.names.emplace_back(reader.Text());
        break;
    }
  }
}

// Name and records follow the struct in the same block.
struct AnswerCache::Entry {
  Entry* next;   // in the same bucket
  Entry* newer;  // by the last use
  Entry* older;
  MonoTime answered;
  std::uint32_t ttl_seconds;
  std::uint32_t records_size;
  RecordType type;
  Outcome outcome;
  std::uint8_t name_size;

  char* tail() { return reinterpret_cast<char*>(this + 1); }
  std::string_view name() { return {tail(), name_size}; }
  std::string_view records() { return {tail() + name_size, records_size}; }
  std::size_t size() const { return sizeof(Entry) + name_size + records_size; }
  bool IsAbout(std::string_view asked, RecordType asked_type) {
    return type == asked_type && name() == asked;
  }

  static Entry* New(const Question& question, const Answer& answer, std::string_view records) {
    const std::size_t size = sizeof(Entry) + question.name.size() + records.size();
    auto* entry = new (::operator new(size)) Entry{};
    entry->answered = answer.answered;
    entry->ttl_seconds = static_cast<std::uint32_t>(answer.ttl.count());
    entry->records_size = static_cast<std::uint32_t>(records.size());
    entry->type = question.type;
    entry->outcome = answer.outcome;
    entry->name_size = static_cast<std::uint8_t>(question.name.size());
    std::memcpy(entry->tail(), question.name.data(), question.name.size());
    std::memcpy(entry->tail() + entry->name_size, records.data(), records.size());
    return entry;
  }
  static void Delete(Entry* entry) { ::operator delete(entry); }
};

AnswerCache::AnswerCache(std::size_t max_entries)
    : key_(NewHashKey()), buckets_(kFirstBuckets), max_entries_(max_entries) {}

AnswerCache::~AnswerCache() {
  while (newest_ != nullptr) {
    Entry* entry = newest_;
    newest_ = entry->older;
    Entry::Delete(entry);
  }
}

AnswerPtr AnswerCache::Find(const Question& question, MonoTime now) {
  auto answer = std::make_shared<Answer>();
  const MutexLock lock(mutex_);
  Entry** place = Place(question.name, question.type);
  Entry* entry = *place;
  if (entry == nullptr) return nullptr;
  if (entry->answered + Seconds(entry->ttl_seconds) <= now) {
    Remove(place);
    return nullptr;
  }
  Unlink(entry);
  LinkFirst(entry);
  answer->outcome = entry->outcome;
  answer->ttl = Seconds(entry->ttl_seconds);
  answer->answered = entry->answered;
  UnpackRecords(entry->records(), *answer);
  return answer;
}

void AnswerCache::Put(const Question& question, const Answer& answer) {
  if (answer.outcome == Outcome::kFailed || answer.ttl <= Seconds(0)) return;
  if (question.name.size() > UINT8_MAX) return;
  const std::string records = PackRecords(answer);
  const MutexLock lock(mutex_);
  Entry** place = Place(question.name, question.type);
  if (*place != nullptr) Remove(place);
  if (entries_ >= buckets_.size()) Grow();
  Entry* entry = Entry::New(question, answer, records);
  Entry*& first = buckets_[BucketOf(question.name, question.type)];
  entry->next = first;
  first = entry;
  LinkFirst(entry);
  ++entries_;
  entry_bytes_ += entry->size();
  Trim();
}

void AnswerCache::SetMaxEntries(std::size_t max_entries) {
  const MutexLock lock(mutex_);
  max_entries_ = max_entries;
  Trim();
}

std::size_t AnswerCache::entries() const {
  const MutexLock lock(mutex_);
  return entries_;
}

std::size_t AnswerCache::bytes() const {
  const MutexLock lock(mutex_);
  // The table holds pointers: NOLINTNEXTLINE(bugprone-sizeof-expression)
  return entry_bytes_ + buckets_.capacity() * sizeof(Entry*);
}

std::size_t AnswerCache::BucketOf(std::string_view name, RecordType type) const {
  return (SipHash(key_, name) + static_cast<std::size_t>(type)) & (buckets_.size() - 1);
}

// Where the pointer to the entry stands, or the null pointer that ends its bucket.
AnswerCache::Entry** AnswerCache::Place(std::string_view name, RecordType type) {
  Entry** place = &buckets_[BucketOf(name, type)];
  while (*place != nullptr && !(*place)->IsAbout(name, type)) place = &(*place)->next;
  return place;
}

void AnswerCache::Unlink(Entry* entry) {
  (entry->newer != nullptr ? entry->newer->older : newest_) = entry->older;
  (entry->older != nullptr ? entry->older->newer : oldest_) = entry->newer;
}

void AnswerCache::LinkFirst(Entry* entry) {
  entry->newer = nullptr;
  entry->older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = entry;
  newest_ = entry;
}

void AnswerCache::Remove(Entry** place) {
  Entry* entry = *place;
  *place = entry->next;
  Unlink(entry);
  --entries_;
  entry_bytes_ -= entry->size();
  Entry::Delete(entry);
}

void AnswerCache::Trim() {
  while (oldest_ != nullptr &&
         (entries_ > max_entries_ || entry_bytes_ > max_entries_ * kBytesAnswer)) {
    Remove(Place(oldest_->name(), oldest_->type));
  }
}

void AnswerCache::Grow() {
  buckets_.assign(buckets_.size() * 2, nullptr);
  for (Entry* entry = oldest_; entry != nullptr; entry = entry->newer) {
    Entry*& first = buckets_[BucketOf(entry->name(), entry->type)];
    entry->next = first;
    first = entry;
  }
}

}  // namespace mxward::dns
