// SPDX-License-Identifier: Apache-2.0
#include "cli/import/db_dump.h"

#include "base/text.h"

namespace mxward::cli {

// format=bytevalue: two hexadecimal digits a byte. format=print: printable ASCII as it is, but "\\"
// for a backslash, and \HH for every other byte.
bool DbDump::Decode(std::string_view line, std::string* out) const {
  out->clear();
  if (line.empty() || line.front() != ' ') return false;
  line.remove_prefix(1);
  if (!print_) {
    const auto bytes = HexDecode(line);
    *out = bytes.value_or("");
    return bytes.has_value();
  }
  while (!line.empty()) {
    const std::size_t plain = std::min(line.find('\\'), line.size());
    out->append(line.substr(0, plain));
    line.remove_prefix(plain);
    if (line.empty()) break;
    if (line.starts_with("\\\\")) {
      *out += '\\';
      line.remove_prefix(2);
      continue;
    }
    const auto byte = line.size() < 3 ? std::nullopt : HexDecode(line.substr(1, 2));
    if (!byte) return false;
    *out += *byte;
    line.remove_prefix(3);
  }
  return true;
}

void DbDump::ReadHeader(std::string_view line, const Bad& bad) {
  if (line == "HEADER=END") {
    in_header_ = false;
    in_data_ = true;
    has_key_ = false;
  } else if (line == "format=print") {
    print_ = true;
  } else if (line == "format=bytevalue") {
    print_ = false;
  } else if (line.find('=') == std::string_view::npos) {
    bad("not a line of a db_dump header");
  }
}

void DbDump::Read(std::string_view line, const Pair& pair, const Bad& bad) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("VERSION=")) {
    if (in_data_) bad("a dump begins before the previous one has ended");
    in_header_ = true;
    in_data_ = false;
    print_ = false;
  } else if (in_header_) {
    ReadHeader(line, bad);
  } else if (!in_data_) {
    if (!line.empty()) bad("no db_dump header before it");
  } else if (line == "DATA=END") {
    if (has_key_) bad("a key without a value");
    in_data_ = false;
  } else if (!has_key_) {
    has_key_ = true;
    key_is_bad_ = !Decode(line, &key_);
    if (key_is_bad_) bad("not a line of db_dump output");
  } else {
    has_key_ = false;
    std::string value;
    if (!Decode(line, &value)) {
      bad("not a line of db_dump output");
    } else if (!key_is_bad_) {
      pair(key_, value);
    }
  }
}

}  // namespace mxward::cli
