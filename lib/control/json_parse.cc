// SPDX-License-Identifier: Apache-2.0
// The only file that includes nlohmann/json.
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "control/json.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxDepth = 32;

// Builds a Json from the library's events.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Put(Json()); }
  bool boolean(bool value) override { return Put(Json(value)); }
  bool number_integer(number_integer_t value) override { return Put(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto kMax = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    if (value > kMax) return Put(Json(static_cast<double>(value)));
    return Put(Json(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return Put(Json(value));
  }
  bool string(string_t& value) override { return Put(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return Open(Json::Object()); }
  bool key(string_t& name) override {
    open_.back().name = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*size*/) override { return Open(Json::Array()); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    error_ = "invalid JSON: error at byte " + std::to_string(position);
    return false;
  }

  const std::string& error() const { return error_; }
  Json Take() { return std::move(result_); }

 private:
  struct Level {
    Json value;
    std::string name;  // of the member that comes next
  };

  bool Put(Json value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.Push(std::move(value));
    } else {
      open_.back().value.Set(std::move(open_.back().name), std::move(value));
    }
    return true;
  }

  bool Open(Json value) {
    if (open_.size() >= kMaxDepth) {
      error_ = "nested too deeply";
      return false;
    }
    open_.push_back({std::move(value), ""});
    return true;
  }

  bool Close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Put(std::move(value));
  }

  std::vector<Level> open_;
  Json result_;
  std::string error_ = "no JSON";
};

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) return Fail(ErrorCode::kInvalid, builder.error());
  return builder.Take();
}

}  // namespace mxward
