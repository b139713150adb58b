// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <memory>
#include <string>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Fail(ErrorCode::kInvalid, "odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  Result<int> half = Half(number);
  if (!half) return Fail("the first half", half.error());
  return Half(*half);
}

TEST_CASE("a result is a value or an error", "[base]") {
  REQUIRE(Half(4).has_value());
  CHECK(*Half(4) == 2);
  REQUIRE_FALSE(Half(3).has_value());
  CHECK(Half(3).error().code == ErrorCode::kInvalid);
  CHECK(Half(3).error().message == "odd");
}

TEST_CASE("an error gains context on its way up and keeps its code", "[base]") {
  const Result<int> result = Quarter(3);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::kInvalid);
  CHECK(result.error().message == "the first half: odd");
  CHECK(Quarter(6).error().message == "odd");
}

TEST_CASE("an error passes through unchanged", "[base]") {
  const Result<std::string> result = Fail(Error{ErrorCode::kTimeout, "too late"});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::kTimeout);
  CHECK(result.error().message == "too late");
}

TEST_CASE("a result can hold what can only be moved, or nothing", "[base]") {
  Result<std::unique_ptr<int>> owner = std::make_unique<int>(7);
  REQUIRE(owner.has_value());
  const std::unique_ptr<int> taken = std::move(*owner);
  CHECK(*taken == 7);
  const Result<void> done;
  CHECK(done.has_value());
}

}  // namespace
}  // namespace mxward
