// SPDX-License-Identifier: Apache-2.0
#include "store/scan_slice.h"

namespace mxward::store {

Result<std::optional<std::string>> ScanSlice(Environment& environment, Table table,
                                             std::string_view from, std::size_t records,
                                             const Transaction::Visitor& visitor) {
  MXWARD_TRY(auto read, environment.Read());
  std::size_t visited = 0;
  bool enough = false;
  std::optional<std::string> next;
  MXWARD_TRY(read.Scan(table, from, [&](std::string_view key, std::string_view value) {
    if (enough || visited++ == records) {
      next = key;
      return false;
    }
    enough = !visitor(key, value);
    return true;
  }));
  return next;
}

}  // namespace mxward::store
