// SPDX-License-Identifier: Apache-2.0
// What `mxwardctl export` wrote: control/transfer.h. Records go on as they are; the API reads them.
#include "base/text.h"
#include "cli/import/format.h"

namespace mxward::cli {
namespace {

class MxwardReader : public ImportReader {
 public:
  void Read(std::string_view line, const ImportSink& sink) override {
    line = Trim(line);
    if (line.empty()) return;
    if (!IsFrame(line)) {
      if (!line.starts_with('{')) {
        sink(Garbage("no JSON object"));
        return;
      }
      ++records_;
      sink({Imported::Kind::kRecord, std::string(line)});
      return;
    }
    const auto frame = ParseJson(line);
    if (!frame) {
      sink(Garbage(frame.error().message));
    } else if ((*frame)["mxward"].text() == "end") {
      ended_ = true;
      expected_ += (*frame)["records"].integer();
    } else {
      framed_ = true;
      ended_ = false;
      sink({Imported::Kind::kFrame, std::string(line)});
    }
  }

  std::string Finish() override {
    if (framed_ && !ended_)
      return "the file ends before the last line of the export: it is truncated";
    if (framed_ && records_ != expected_) {
      return "the export had " + std::to_string(expected_) + " records, the file has " +
             std::to_string(records_);
    }
    return "";
  }

 private:
  static bool IsFrame(std::string_view line) {
    const std::size_t name = line.find("\"mxward\"");
    return name != std::string_view::npos && Trim(line.substr(0, name)) == "{";
  }

  std::int64_t records_ = 0;
  std::int64_t expected_ = 0;
  bool framed_ = false;
  bool ended_ = false;
};

}  // namespace

bool LooksLikeMxward(std::string_view line) { return Trim(line).starts_with("{\""); }

std::unique_ptr<ImportReader> NewMxwardReader(const ImportTerms& /*terms*/) {
  return std::make_unique<MxwardReader>();
}

}  // namespace mxward::cli
