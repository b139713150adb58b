// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "config/options.h"

namespace mxward {
namespace {

// What setting the option to this value says.
std::string Set(const Option& option, const TomlValue& value, Config& config) {
  std::vector<PlacedProblem> problems;
  SetOption(option, value, config, problems);
  return problems.empty() ? "" : problems.front().message;
}

TomlValue Text(std::string text) {
  TomlValue value;
  value.kind = TomlValue::Kind::kString;
  value.text = std::move(text);
  return value;
}

TomlValue Integer(std::int64_t integer) {
  TomlValue value;
  value.kind = TomlValue::Kind::kInteger;
  value.integer = integer;
  return value;
}

TEST_CASE("every option refuses every other kind of value", "[config]") {
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      for (int kind = 0; kind <= static_cast<int>(TomlValue::Kind::kTable); ++kind) {
        TomlValue value;
        value.kind = static_cast<TomlValue::Kind>(kind);
        value.text = "\x01";       // no text option takes it
        value.integer = -1000000;  // no integer option takes it
        value.items = {Text("\x01")};
        const bool is_flag = option.kind->Describe().ends_with("true or false");
        if (is_flag && value.kind == TomlValue::Kind::kBoolean) continue;
        INFO(option.FullName() << " with kind " << kind);
        Config config;
        CHECK_THAT(Set(option, value, config), HasText(option.FullName() + ": "));
        CHECK(option.kind->Write(config) == option.kind->Write(Config()));
      }
    }
  }
}

TEST_CASE("the message about bounds names them", "[config]") {
  Config config;
  CHECK(Set(*FindOption("greylist", "network_v4"), Integer(33), config) ==
        "greylist.network_v4: must be from 8 to 32; found 33");
  CHECK(Set(*FindOption("greylist", "delay"), Text("2d"), config) ==
        "greylist.delay: must be from 1s to 1d; found 2d");
  CHECK(Set(*FindOption("store", "deadline"), Text("4s"), config) ==
        "store.deadline: must be from 100ms to 3s; found 4s");
  CHECK(Set(*FindOption("store", "map_size"), Text("1K"), config) ==
        "store.map_size: must be from 1M to 16T; found 1K");
}

}  // namespace
}  // namespace mxward
