// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"

namespace mxward {

struct ConfigProblem {
  std::string file;
  int line = 0;    // from 1; 0: the file as a whole
  int column = 0;  // in characters, from 1
  std::string message;

  // "mxward.toml:14:1: unknown key "dealy" in [greylist]; did you mean "delay"?"
  std::string ToString() const;
};

// A config, or everything that is wrong with the file, in its order; never an empty list.
using LoadResult = tl::expected<Config, std::vector<ConfigProblem>>;

// Where both programs look for the file unless --config names another.
inline constexpr const char* kDefaultConfigPath = "/etc/mxward/mxward.toml";

// What an empty file gives.
Config DefaultConfig();

// A file has at most this many bytes.
inline constexpr std::size_t kMaxConfigFile = 1 << 20;

// Neither throws. own_addresses stays empty, the caller fills it in. Thread-safe.
//
// filename is only for messages. changes: options on top of the file, "score.tls_none=0" (see
// changes.h); what is wrong with one is a problem of the file "--set score.tls_none".
LoadResult ParseConfig(std::string_view text, const std::string& filename,
                       const std::vector<std::string>& changes = {});
// path is a file, or a device such as /dev/null. Messages have the path as given.
LoadResult LoadConfigFile(const std::string& path, const std::vector<std::string>& changes = {});

}  // namespace mxward
