// SPDX-License-Identifier: Apache-2.0
// The sample file and the option list of the manual are written from the option table. With
// MXWARD_UPDATE_GENERATED=1 in the environment this test writes them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "catch.h"
#include "config/dump.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

constexpr std::string_view kBegin = ".\\\" BEGIN GENERATED OPTIONS\n";
constexpr std::string_view kEnd = ".\\\" END GENERATED OPTIONS\n";

std::string SourceFile(const std::string& name) {
#ifdef MXWARD_SOURCE_DIR
  return std::string(MXWARD_SOURCE_DIR) + "/" + name;
#else
  const char* directory = std::getenv("MXWARD_SOURCE_DIR");
  return std::string(directory == nullptr ? "." : directory) + "/" + name;
#endif
}

bool Updating() {
  const char* value = std::getenv("MXWARD_UPDATE_GENERATED");
  return value != nullptr && std::string_view(value) == "1";
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Not CHECK(a == b), which would print both files.
void Compare(const std::string& path, const std::string& expected) {
  if (Updating()) std::ofstream(path) << expected;
  INFO(path << " is older than the option table: run the unit tests with "
               "MXWARD_UPDATE_GENERATED=1 and commit what changes");
  const bool current = Read(path) == expected;
  CHECK(current);
}

TEST_CASE("packaging/mxward.toml is what the option table says", "[config]") {
  Compare(SourceFile("packaging/mxward.toml"), SampleFile());
}

TEST_CASE("the option list of mxward.toml(5) is what the option table says", "[config]") {
  const std::string path = SourceFile("man/mxward.toml.5");
  const std::string manual = Read(path);
  const std::size_t begin = manual.find(kBegin);
  const std::size_t end = manual.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  Compare(path, manual.substr(0, begin + kBegin.size()) + ManualOptions() + manual.substr(end));
}

TEST_CASE("the examples of mxward.toml(5) load", "[config]") {
  const std::string manual = Read(SourceFile("man/mxward.toml.5"));
  const std::string begin = ".Bd -literal -offset indent\n";
  int examples = 0;
  for (std::size_t at = 0; (at = manual.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::string example = manual.substr(at, manual.find(".Ed", at) - at);
    if (example.starts_with('/')) continue;  // of error messages
    ++examples;
    INFO(example);
    CHECK(Problems(example) == "");
  }
  CHECK(examples >= 12);
}

}  // namespace
}  // namespace mxward
