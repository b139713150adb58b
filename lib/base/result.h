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

// A value or an Error. One place to change when std::expected can be used.
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
