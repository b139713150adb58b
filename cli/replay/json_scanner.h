// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mxward::cli::maillog {

// Reads the members of one JSON object that stands in one line, as journald and Docker write them:
// fast, because a line has 2 KB of members that nobody wants. Any bytes.
//
//   JsonMembers members(line);
//   while (members.Next()) if (members.name() == "MESSAGE") members.Text(text);
//
// What is no object, or is cut off, ends early: whole() is false.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view text);

  // The next member; false at the end.
  bool Next();
  // As it stands there: names that programs choose have nothing escaped.
  std::string_view name() const { return name_; }
  // The value as text, in place of what `text` was: of a string without its escapes; of an array of
  // numbers these bytes (journald, where something is no UTF-8); a number as it is. False for
  // anything else.
  bool Text(std::string& text) const;
  bool whole() const { return whole_; }

 private:
  void SkipBlanks();
  bool SkipString(std::string_view& raw);
  bool SkipValue();

  std::string_view rest_;
  std::string_view name_;
  std::string_view value_;
  bool whole_ = false;
};

}  // namespace mxward::cli::maillog
