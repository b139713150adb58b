// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mxward::cli {

// The text that Berkeley DB's db_dump(1) writes, with or without -p: a header to HEADER=END, then
// lines that begin with a blank, a key and its value in turns, to DATA=END. Several dumps may
// follow each other. Takes any bytes.
class DbDump {
 public:
  using Pair = std::function<void(const std::string& key, const std::string& value)>;
  using Bad = std::function<void(std::string why)>;

  void Read(std::string_view line, const Pair& pair, const Bad& bad);
  // False when the last dump does not end.
  bool complete() const { return !in_data_ && !in_header_; }

 private:
  bool Decode(std::string_view line, std::string* out) const;
  void ReadHeader(std::string_view line, const Bad& bad);

  bool in_header_ = false;
  bool in_data_ = false;
  bool print_ = false;  // format=print, else format=bytevalue
  bool has_key_ = false;
  bool key_is_bad_ = false;
  std::string key_;
};

}  // namespace mxward::cli
