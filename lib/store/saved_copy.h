// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/siphash.h"
#include "store/record_stream.h"

namespace mxward::store {

// What an administrator cannot get back by waiting, in a file of its own beside the database: the
// tables of descriptions (with the hash key and a pause in force) and of allow and block entries,
// as they are in the database. FOLDER/mxward.saved, mode 0600, in record_stream.h's format;
// replaced as a whole, so that it is always either the old one or the new one.
class SavedCopy {
 public:
  using Key = std::pair<Table, std::string>;

  // Nothing when there is no such file, or none that is whole.
  static std::optional<SavedCopy> Read(const std::string& folder);
  // put: calls its argument for each record.
  using Put =
      std::function<Result<void>(Table table, std::string_view key, std::string_view value)>;
  static Result<void> Write(const std::string& folder,
                            const std::function<Result<void>(const Put& put)>& records);

  // Nothing when there is no such record.
  std::optional<std::string_view> Get(Table table, std::string_view key) const;
  const std::map<Key, std::string>& records() const { return records_; }

 private:
  std::map<Key, std::string> records_;
};

}  // namespace mxward::store
