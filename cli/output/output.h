// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/json.h"

namespace mxward::cli {

enum class Format : std::uint8_t { kTable, kJson, kTsv };
enum class Color : std::uint8_t { kNone, kGreen, kYellow, kRed, kBold, kDim };

// Where a command writes: what was asked for to `out`, everything else to `err`. Both outlive it.
//
// Texts of the network reach tables and TSV only through Printable(); Say() sees to its own.
class Output {
 public:
  struct Options {
    Format format = Format::kTable;
    bool color = false;
    bool header = true;  // of tables and TSV
  };
  Output(std::ostream& out, std::ostream& err, Options options)
      : out_(out), err_(err), options_(options) {}

  Format format() const { return options_.format; }
  bool header() const { return options_.header; }

  // As it is, without a line end of its own.
  void Write(std::string_view text);
  void Line(std::string_view text);
  // "mxwardctl: text" on err: for trouble, and for what must not get into the data.
  void Say(std::string_view text);
  // A line on err that the next one overwrites; an empty one takes it away. For a terminal.
  void Transient(std::string_view text);
  // Makes what was written so far visible to who waits for it.
  void Flush();
  // False when something could not be written.
  bool Good() const;

  std::string Paint(std::string text, Color color) const;

  // One answer as a whole: in JSON as it is, in TSV as lines of a dotted name and a value.
  // REQUIRES: format() is not kTable
  void Document(const Json& answer);

 private:
  std::ostream& out_;
  std::ostream& err_;
  Options options_;
};

// Printable ASCII stays; everything else, and the backslash, becomes \xHH: no control character or
// escape sequence reaches a terminal or ends a TSV field.
std::string Printable(std::string_view text);
// A JSON value as one field: a text in Printable() form, "true", "12", "" for null, the items of an
// array with commas between them.
std::string FieldText(const Json& value);

// "name" and text, one below the other, the texts aligned.
using Facts = std::vector<std::pair<std::string, std::string>>;
void WriteFacts(Output& output, const Facts& facts);

}  // namespace mxward::cli
