// SPDX-License-Identifier: Apache-2.0
#include "config/hash_key_file.h"

#include <algorithm>

#include "base/text.h"
#include "config/read_file.h"

namespace mxward {

Result<std::optional<HashKey>> ReadHashKeyFile(const std::string& path) {
  if (path.empty()) return std::optional<HashKey>();
  constexpr std::size_t kMaxBytes = 4096;
  const auto text = ReadConfigFile(path, kMaxBytes);
  if (!text) return Fail(ErrorCode::kInvalid, path + ": " + text.error().message);
  const std::string bytes = HexDecode(Trim(*text)).value_or("");
  HashKey key{};
  if (bytes.size() != key.size()) {
    return Fail(ErrorCode::kInvalid,
                path +
                    ": holds no hash key, which is 32 hexadecimal digits, as `mxwardctl export "
                    "--hash-key` prints it");
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return std::optional(key);
}

}  // namespace mxward
