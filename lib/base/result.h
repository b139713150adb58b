// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mxward {

// What went wrong, as far as a caller may branch on it. Everything else is in the message.
enum class ErrorCode {
  kNotFound,
  kInvalid,      // input that cannot be accepted: a config value, an address, a request
  kCorrupt,      // stored data that does not make sense
  kFull,         // a bound of ours or of the disk is reached
  kTimeout,      // a deadline passed
  kUnavailable,  // somebody else has it, or it is not running
  kIo,           // the operating system refused
  kInternal,
};

// The message reads "context: cause", has no trailing newline and no "error:" in front.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

// A value or an Error: the one way in which a function says that it failed and why. Where nothing
// is to be said but that there is none (not found, not decodable), it is std::optional. One place
// to change when std::expected can be used.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// The error under a further context: "context: cause".
inline tl::unexpected<Error> Fail(const std::string& context, const Error& error) {
  return Fail(error.code, context + ": " + error.message);
}

}  // namespace mxward

// Passes an error on: returns it from the function around, which returns a Result as well.
//
//   MXWARD_TRY(Flush());                           // a Result<void>, or whose value is not needed
//   MXWARD_TRY(const std::string text, ReadIt());  // declares `text` with the value
//   MXWARD_TRY(entry.text, ReadIt());              // assigns the value
//
// A comma that no parenthesis encloses, as in Read<A, B>(), needs parentheses around all of it.
// An error that needs a context is passed on by hand: return Fail("context", result.error()).
// What is declared or named cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define MXWARD_TRY(...) \
  MXWARD_TRY_CHOOSE(__VA_ARGS__, MXWARD_TRY_VALUE, MXWARD_TRY_NOTHING, )(__VA_ARGS__)
#define MXWARD_TRY_CHOOSE(first, second, chosen, ...) chosen
#define MXWARD_TRY_NOTHING(expression) \
  MXWARD_TRY_NOTHING_AS(MXWARD_TRY_NAME(mxward_tried_, __LINE__), expression)
#define MXWARD_TRY_NOTHING_AS(result, expression) \
  if (auto result = (expression); !result) return mxward::Fail(std::move(result).error())
#define MXWARD_TRY_VALUE(declaration, expression) \
  MXWARD_TRY_VALUE_AS(MXWARD_TRY_NAME(mxward_tried_, __LINE__), declaration, expression)
#define MXWARD_TRY_VALUE_AS(result, declaration, expression)   \
  auto result = (expression);                                  \
  if (!result) return mxward::Fail(std::move(result).error()); \
  declaration = *std::move(result)
#define MXWARD_TRY_NAME(prefix, line) MXWARD_TRY_JOIN(prefix, line)
#define MXWARD_TRY_JOIN(prefix, line) prefix##line
// NOLINTEND(bugprone-macro-parentheses)
