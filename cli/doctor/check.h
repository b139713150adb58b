// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/enum_words.h"

namespace mxward::cli::doctor {

struct HostFacts;

enum class Severity : std::uint8_t {
  kNote,     // in order, but good to know
  kWarning,  // works today, and goes wrong some day
  kError,    // does not do what it is there for
};
constexpr auto EnumWordsOf(Severity) {
  return EnumWords<Severity>(
      {{Severity::kNote, "note"}, {Severity::kWarning, "warning"}, {Severity::kError, "wrong"}});
}

struct Finding {
  Severity severity = Severity::kNote;
  std::string what;
  std::string why;               // it matters
  std::vector<std::string> fix;  // commands for a root shell, one a line; "# ..." says what to edit
};

// What one check has to say. Nothing: all is well.
class Report {
 public:
  explicit Report(Severity severity) : severity_(severity) {}

  // With the severity of the check.
  void Found(std::string what, std::string why, std::vector<std::string> fix) {
    findings_.push_back({severity_, std::move(what), std::move(why), std::move(fix)});
  }
  void Note(std::string what, std::string why = "", std::vector<std::string> fix = {}) {
    findings_.push_back({Severity::kNote, std::move(what), std::move(why), std::move(fix)});
  }
  // The check, or a part of it, could not be made.
  void Unchecked(std::string reason) { unchecked_.push_back(std::move(reason)); }

  const std::vector<Finding>& findings() const { return findings_; }
  const std::vector<std::string>& unchecked() const { return unchecked_; }

 private:
  Severity severity_;
  std::vector<Finding> findings_;
  std::vector<std::string> unchecked_;
};

// A row of the table of checks. Data of constant lifetime.
struct Check {
  std::string_view id;  // part of the interface: "default-action"
  std::string_view title;
  Severity severity;  // of what it finds
  void (*run)(const HostFacts& facts, Report& report);
};

// In the order of the manual: from the configuration over the mail server to the surroundings.
std::span<const Check> Checks();

}  // namespace mxward::cli::doctor
