// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte says which format, then come the lines of a file that root
// imports. Reading them must not crash; what comes of them the API must be able to read; and what
// it stores is exported and read back as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "cli/import/format.h"
#include "control/import_batch.h"
#include "control/transfer.h"

namespace {

using mxward::HashKey;
using mxward::cli::Imported;

constexpr mxward::WallTime kNow{mxward::Seconds(1767571200)};
const HashKey kKey = {1, 2, 3};

void Expect(bool good) {
  if (!good) std::abort();
}

mxward::Config SomeConfig() {
  mxward::Config config;
  config.greylist.retry_window = mxward::Seconds(172800);
  config.greylist.lifetime = config.greylist.auto_allow_lifetime = mxward::Seconds(6000000);
  config.greylist.identity_network = true;
  config.greylist.network_v4 = 24;
  config.greylist.network_v6 = 64;
  config.clients.lifetime = mxward::Seconds(6000000);
  return config;
}

void CheckStored(const mxward::control::PlacedRecord& record, const mxward::Config& config) {
  const auto line = mxward::control::ExportRecord(record.table, record.key, record.value);
  Expect(line.has_value());
  const auto header = mxward::control::TransferHeader::Of(kKey, config.greylist);
  const auto again = mxward::control::ReadImportBatch(
      header.ToJson().Dump() + "\n" + line->Dump() + "\n", kKey, config, kNow);
  Expect(again && again->records.size() == 1);
  Expect(again->records[0].key == record.key && again->records[0].value == record.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static const mxward::Config config = SomeConfig();
  const auto formats = mxward::cli::ImportFormats();
  const auto& format = formats[data[0] % formats.size()];
  const auto reader = format.make({kNow, std::nullopt});
  std::string body;
  const auto sink = [&](const Imported& one) {
    if (one.kind != Imported::Kind::kRecord && one.kind != Imported::Kind::kFrame) return;
    Expect(one.text.find('\n') == std::string::npos);
    Expect(format.name == "mxward" || mxward::ParseJson(one.text).has_value());
    body += one.text + "\n";
  };
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    format.recognises(line);
    reader->Read(line, sink);
  }
  reader->Finish();
  const auto batch = mxward::control::ReadImportBatch(body, kKey, config, kNow);
  if (!batch) return 0;
  for (const auto& record : batch->records) CheckStored(record, config);
  return 0;
}
