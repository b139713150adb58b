// SPDX-License-Identifier: Apache-2.0
#include "control/params.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "control/json.h"

namespace mxward::control {
namespace {

tl::unexpected<Error> Invalid(std::string_view name, const std::string& why) {
  return Fail(ErrorCode::kInvalid, std::string(name) + ": " + why);
}

std::string Quoted(std::string_view text) { return "\"" + EscapeForLog(text, 80) + "\""; }

std::string Offer(std::string_view text, std::span<const std::string_view> words) {
  const auto nearest = ClosestMatch(text, {words.begin(), words.end()});
  if (!nearest.empty()) return "; did you mean \"" + std::string(nearest) + "\"?";
  if (words.empty()) return "";
  std::string list;
  for (const std::string_view word : words) {
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  return "; there are: " + list;
}

}  // namespace

Result<Params> Params::Of(const Request& request, std::span<const std::string_view> known,
                          bool with_body) {
  Params params;
  params.values_ = request.query;
  if (with_body && !Trim(request.body).empty()) {
    const auto body = ParseJson(request.body);
    if (!body) return Fail("body", body.error());
    if (!body->is_object()) return Fail(ErrorCode::kInvalid, "body: must be a JSON object");
    for (const JsonMember& member : body->members()) {
      const Json& value = member.value;
      if (value.is_null()) continue;
      if (value.is_array() || value.is_object()) {
        return Invalid(member.name, "must be a string, a number or a boolean");
      }
      const bool fresh =
          params.values_.emplace(member.name, value.is_text() ? value.text() : value.Dump()).second;
      if (!fresh) return Invalid(EscapeForLog(member.name, 80), "is given twice");
    }
  }
  for (const auto& [name, value] : params.values_) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Fail(ErrorCode::kInvalid, "unknown parameter " + Quoted(name) + Offer(name, known));
    }
  }
  return params;
}

std::optional<std::string_view> Params::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

Result<std::string_view> Params::NeededText(std::string_view name) const {
  const auto text = Text(name);
  if (!text || text->empty())
    return Fail(ErrorCode::kInvalid, "the parameter \"" + std::string(name) + "\" is missing");
  return *text;
}

Result<bool> Params::Flag(std::string_view name) const {
  const auto text = Text(name);
  if (!text || *text == "0" || *text == "false" || *text == "no") return false;
  if (*text == "1" || *text == "true" || *text == "yes") return true;
  return Invalid(name, Quoted(*text) + " is neither true nor false");
}

Result<std::optional<Seconds>> Params::Duration(std::string_view name) const {
  const auto text = Text(name);
  if (!text) return std::optional<Seconds>();
  const auto duration = ParseDuration(*text);
  if (!duration) return Fail(std::string(name), duration.error());
  return std::optional(std::chrono::ceil<Seconds>(*duration));
}

Result<std::int64_t> Params::Integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                                     std::int64_t max) const {
  const auto text = Text(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max) {
    return Invalid(name, Quoted(*text) + " is not a number from " + std::to_string(min) + " to " +
                             std::to_string(max));
  }
  return value;
}

Result<std::optional<std::size_t>> Params::Word(std::string_view name,
                                                std::span<const std::string_view> words) const {
  const auto text = Text(name);
  if (!text) return std::optional<std::size_t>();
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found == words.end())
    return Invalid(name, Quoted(*text) + " is unknown" + Offer(*text, words));
  return std::optional(static_cast<std::size_t>(found - words.begin()));
}

}  // namespace mxward::control
