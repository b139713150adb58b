// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "store/environment.h"
#include "store/writer.h"
#include "tests/fake/temp_dir.h"

namespace mxward {

// A real database in a directory of its own, with a writer that commits at once.
class TestStore {
 public:
  explicit TestStore(std::uint64_t map_size = 16 << 20,
                     std::optional<HashKey> hash_key = std::nullopt)
      : map_size_(map_size), hash_key_(hash_key) {
    Reopen();
  }

  void Reopen() {
    writer_.reset();
    environment_.reset();
    auto opened = store::Environment::Open({.path = dir_.path(),
                                            .map_size = map_size_,
                                            .map_size_max = 256 << 20,
                                            .hash_key = hash_key_});
    if (!opened) throw std::runtime_error(opened.error().message);
    environment_ = *std::move(opened);
    writer_ = std::make_unique<store::InlineWriter>(*environment_);
  }

  store::Environment& environment() { return *environment_; }
  store::InlineWriter& writer() { return *writer_; }
  const TempDir& dir() const { return dir_; }

  void Do(store::Operation operation) {
    auto done = environment_->Write(operation);
    if (!done) throw std::runtime_error(done.error().message);
  }
  void Put(store::Table table, const std::string& key, const std::string& value) {
    Do([=](store::WriteTransaction& transaction) { return transaction.Put(table, key, value); });
  }
  // The value, or "" when there is none.
  std::string Get(store::Table table, const std::string& key) {
    auto read = environment_->Read();
    if (!read) throw std::runtime_error(read.error().message);
    auto bytes = read->Get(table, key);
    if (!bytes) throw std::runtime_error(bytes.error().message);
    return std::string(bytes->value_or(""));
  }
  std::uint64_t Count(store::Table table) {
    auto read = environment_->Read();
    if (!read) throw std::runtime_error(read.error().message);
    return read->Count(table).value_or(0);
  }

 private:
  TempDir dir_;
  std::uint64_t map_size_;
  std::optional<HashKey> hash_key_;
  std::unique_ptr<store::Environment> environment_;
  std::unique_ptr<store::InlineWriter> writer_;
};

}  // namespace mxward
