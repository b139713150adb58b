// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxward::control {

// What somebody at the control socket may do. Each may do what those before it may.
enum class Role : std::uint8_t {
  kRead,     // look
  kControl,  // change something
  kOwner,    // root and the daemon's own user: learn the hash key
};

// The code of the error that says: not for this role. (Who has none gets "forbidden".)
inline constexpr std::string_view kNotAllowed = "not-allowed";

// A question to the API, whatever way it came. Plain values.
struct Request {
  std::string method;  // "GET", "PUT", "POST", "DELETE"
  std::string path;    // "/v1/status"
  std::map<std::string, std::string, std::less<>> query;
  // Empty, or a JSON object whose members count like parameters of the query; of some requests
  // records, see Api.
  std::string body;
  std::string peer;       // who asks, for the log: "uid 0"
  std::string host = {};  // the Host field: under what name the client reached us; may be empty
  // Set for requests from a connection; in-process requests are the owner's.
  Role role = Role::kOwner;
};

struct Response {
  int status = 200;  // of HTTP
  std::string json;  // the body, JSON unless content_type says else
  std::string_view content_type = "application/json";  // constant data
  // Further header fields, each a name and a value; constant data.
  std::vector<std::pair<std::string_view, std::string_view>> fields = {};
};

using Handler = std::function<Response(const Request&)>;

// {"error": {"code": ..., "message": ...}}
Response ErrorResponse(int status, std::string_view code, std::string_view message);

}  // namespace mxward::control
