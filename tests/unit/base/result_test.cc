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

struct Tried {
  int calls = 0;
  Result<int> Number(int value) {
    ++calls;
    if (value < 0) return Fail(ErrorCode::kInvalid, "negative");
    return value;
  }
  Result<void> Nothing(bool fails) {
    ++calls;
    if (fails) return Fail(ErrorCode::kFull, "no room");
    return {};
  }
  Result<std::string> All(int value, bool fails) {
    std::string text;
    MXWARD_TRY(Nothing(fails));
    MXWARD_TRY(const int number, Number(value));
    MXWARD_TRY(text, Number(value + 1).map([](int next) { return std::to_string(next); }));
    return std::to_string(number) + text;
  }
  Result<std::unique_ptr<int>> Owned(int value) {
    MXWARD_TRY(auto owned, Number(value).map([](int it) { return std::make_unique<int>(it); }));
    return owned;
  }
};

TEST_CASE("an error is passed on, and ends the function; a value goes on", "[base]") {
  Tried tried;
  CHECK(tried.All(1, false).value() == "12");
  CHECK(tried.calls == 3);
  const auto full = tried.All(1, true);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ErrorCode::kFull);
  CHECK(full.error().message == "no room");
  CHECK(tried.calls == 4);
  const auto negative = tried.All(-1, false);
  REQUIRE_FALSE(negative);
  CHECK(negative.error().message == "negative");
  CHECK(tried.calls == 6);
  CHECK(*tried.Owned(3).value() == 3);
  CHECK_FALSE(tried.Owned(-3));
}

}  // namespace
}  // namespace mxward
