// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/backend.h"
#include "cli/import/format.h"
#include "cli/import/line_source.h"
#include "control/json.h"

namespace mxward::cli {

// What has become of a file's lines.
struct ImportTotals {
  std::uint64_t lines = 0;
  std::uint64_t records = 0;  // read
  std::uint64_t added = 0;
  std::uint64_t changed = 0;
  std::uint64_t kept = 0;  // known already
  std::uint64_t expired = 0;
  std::uint64_t future = 0;
  std::uint64_t hashed = 0;    // under another key
  std::uint64_t too_wide = 0;  // known by a larger network than is distinguished here
  std::uint64_t unreadable = 0;
  std::map<std::string, std::uint64_t> left_out;  // what means nothing here, by what it is
  std::set<std::string> notices;                  // of the daemon
  // The first of the unreadable lines.
  std::vector<std::pair<std::uint64_t, std::string>> problems;

  Json ToJson() const;
};

// Takes the lines of a file to the API, a bounded batch at a time; each is committed before the
// next goes out.
class Importer {
 public:
  struct Options {
    bool dry_run = false;
    std::string name;  // of the format, for the daemon's log
    // Called after each batch.
    std::function<void(const ImportTotals& totals)> progress;
    // Lets a second pass before a busy daemon is asked again.
    std::function<void()> wait;
  };
  Importer(Backend& backend, ImportReader& reader, Options options)
      : backend_(backend), reader_(reader), options_(std::move(options)) {}

  Result<void> Read(std::string_view line);
  void TooLong();
  // After the last line.
  Result<void> Finish();

  const ImportTotals& totals() const { return totals_; }

  static constexpr std::size_t kShownProblems = 5;

 private:
  Result<void> Take(Imported imported);
  Result<void> Send();
  void Unreadable(std::uint64_t line, std::string why);

  Backend& backend_;
  ImportReader& reader_;
  Options options_;
  ImportTotals totals_;
  std::string frame_;  // the export's first line, with its end
  std::string body_;
  std::vector<std::uint64_t> numbers_;  // of the file's lines, for each line of body_
  bool sent_ = false;
};

}  // namespace mxward::cli
