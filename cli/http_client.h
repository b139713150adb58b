// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace mxward::cli {

struct HttpReply {
  int status = 0;
  std::string body;
};

// A connection to the control socket for one request. Not thread-safe.
class HttpConnection {
 public:
  // kNotFound: nobody listens at this path. kUnavailable: the permission is missing.
  static Result<HttpConnection> Open(const std::string& path, Millis deadline);
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  HttpConnection& operator=(HttpConnection&&) = delete;
  ~HttpConnection();

  // Sends the request and reads the whole answer, both within the deadline given to Open().
  // target: path and query, encoded. REQUIRES: called once
  Result<HttpReply> Ask(const std::string& method, const std::string& target,
                        const std::string& body);

  static constexpr std::size_t kMaxReply = 64 << 20;

 private:
  HttpConnection(int fd, MonoTime end) : fd_(fd), end_(end) {}
  Result<void> Await(short events);
  Result<void> Send(std::string_view bytes);
  Result<std::string> ReadAll();

  int fd_;
  MonoTime end_;
};

}  // namespace mxward::cli
