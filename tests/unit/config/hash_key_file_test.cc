// SPDX-License-Identifier: Apache-2.0
#include "config/hash_key_file.h"

#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("a hash key is 32 hexadecimal digits in a file", "[config]") {
  const TempDir dir;
  const std::string path = dir.path() + "/key";
  const auto read = [&](const std::string& content) {
    std::ofstream(path) << content;
    return ReadHashKeyFile(path);
  };
  const auto key = read(" 000102030405060708090a0b0c0d0E0F\n");
  REQUIRE(key);
  REQUIRE(*key);
  CHECK((**key)[0] == 0);
  CHECK((**key)[15] == 15);
  for (const char* content :
       {"", "00", "000102030405060708090a0b0c0d0e0", "000102030405060708090a0b0c0d0e0f00",
        "000102030405060708090a0b0c0d0e0g", "00010203 0405060708090a0b0c0d0e0f"}) {
    CAPTURE(content);
    const auto refused = read(content);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalid);
    CHECK_THAT(refused.error().message, HasText(path + ": holds no hash key"));
    CHECK_THAT(refused.error().message, !HasText("0102"));
  }
}

TEST_CASE("without a file there is no key, and one that is missing is a mistake", "[config]") {
  const auto none = ReadHashKeyFile("");
  REQUIRE(none);
  CHECK_FALSE(*none);
  const auto missing = ReadHashKeyFile("/nonexistent/key");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kInvalid);
}

}  // namespace
}  // namespace mxward
