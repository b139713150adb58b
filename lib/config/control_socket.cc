// SPDX-License-Identifier: Apache-2.0
#include "config/control_socket.h"

#include <exception>
#include <string_view>

#include "config/loader.h"
#include "config/read_file.h"
#include "config/toml_document.h"

namespace mxward {
namespace {

const TomlValue* Find(const TomlValue& table, std::string_view key) {
  for (const TomlEntry& entry : table.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Result<std::string> Find(const std::string& path) {
  const auto text = ReadConfigFile(path, kMaxConfigFile);
  if (!text) return Fail(text.error().code, path + ": " + text.error().message);
  const TomlDocument document = ParseToml(*text);
  if (!document.readable) {
    return Fail(ErrorCode::kInvalid, ConfigProblem{path, document.problems.front().place.line,
                                                   document.problems.front().place.column,
                                                   document.problems.front().message}
                                         .ToString());
  }
  const TomlValue* control = Find(document.root, "control");
  const TomlValue* socket = control != nullptr ? Find(*control, "socket") : nullptr;
  // Of another type, or empty: the daemon takes no such file either.
  if (socket == nullptr || socket->text.empty()) return DefaultConfig().control.socket;
  return socket->text;
}

}  // namespace

Result<std::string> ConfiguredControlSocket(const std::string& path) {
  try {
    return Find(path);
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInternal, path + ": " + error.what());
  }
}

}  // namespace mxward
