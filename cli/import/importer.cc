// SPDX-License-Identifier: Apache-2.0
#include "cli/import/importer.h"

#include <algorithm>
#include <optional>

namespace mxward::cli {
namespace {

// Of the 64 KiB that a request's body can have.
constexpr std::size_t kMaxBody = 60 << 10;
// For several commits of what the writer takes at a time.
constexpr std::size_t kMaxRecords = 256;
constexpr int kMaxTries = 10;

std::uint64_t CountOf(const Json& reply, std::string_view name) {
  return static_cast<std::uint64_t>(reply[name].integer());
}

}  // namespace

Json ImportTotals::ToJson() const {
  Json json;
  json.Set("lines", lines).Set("records", records);
  json.Set("added", added).Set("changed", changed).Set("kept", kept);
  json.Set("expired", expired).Set("future", future).Set("hashed", hashed);
  json.Set("too_wide", too_wide).Set("unreadable", unreadable);
  Json others = Json::Array();
  for (const auto& [what, count] : left_out) {
    Json item;
    item.Set("what", what).Set("count", count);
    others.Push(std::move(item));
  }
  json.Set("left_out", std::move(others));
  Json shown = Json::Array();
  for (const auto& [line, why] : problems) {
    Json item;
    item.Set("line", line).Set("message", why);
    shown.Push(std::move(item));
  }
  json.Set("problems", std::move(shown));
  Json texts = Json::Array();
  for (const std::string& notice : notices) texts.Push(notice);
  json.Set("notices", std::move(texts));
  return json;
}

void Importer::Unreadable(std::uint64_t line, std::string why) {
  ++totals_.unreadable;
  if (totals_.problems.size() < kShownProblems) totals_.problems.emplace_back(line, std::move(why));
}

void Importer::TooLong() {
  Unreadable(++totals_.lines, "longer than " + std::to_string(LineSource::kMaxLine >> 20) + " MiB");
}

Result<void> Importer::Read(std::string_view line) {
  ++totals_.lines;
  std::optional<Error> failure;
  reader_.Read(line, [&](Imported imported) {
    if (failure) return;
    if (auto taken = Take(std::move(imported)); !taken) failure = taken.error();
  });
  if (failure) return Fail(*std::move(failure));
  return {};
}

Result<void> Importer::Take(Imported imported) {
  switch (imported.kind) {
    case Imported::Kind::kGarbage:
      Unreadable(totals_.lines, std::move(imported.text));
      return {};
    case Imported::Kind::kExpired:
      ++totals_.records;
      ++totals_.expired;
      return {};
    case Imported::Kind::kLeftOut:
      ++totals_.records;
      ++totals_.left_out[imported.text];
      return {};
    case Imported::Kind::kFrame:
      if (auto sent = Send(); !sent) return sent;
      frame_ = std::move(imported.text) + "\n";
      return {};
    case Imported::Kind::kRecord:
      break;
  }
  if (imported.text.size() + frame_.size() + 1 > kMaxBody) {
    Unreadable(totals_.lines, "too long for a record");
    return {};
  }
  const bool full = body_.size() + imported.text.size() + 1 > kMaxBody;
  if (full || numbers_.size() >= kMaxRecords) {
    if (auto sent = Send(); !sent) return sent;
  }
  if (body_.empty()) {
    body_ = frame_;
    if (!frame_.empty()) numbers_.push_back(0);
  }
  body_ += imported.text;
  body_ += '\n';
  numbers_.push_back(totals_.lines);
  return {};
}

Result<void> Importer::Send() {
  if (body_.empty()) return {};
  Parameters parameters = {{"dry_run", options_.dry_run ? "1" : ""},
                           {"from", sent_ ? "" : options_.name}};
  auto reply = backend_.Ask("POST", "/v1/import", parameters, body_);
  for (int tries = 1; !reply && reply.error().code == ErrorCode::kUnavailable && tries < kMaxTries;
       ++tries) {
    options_.wait();
    reply = backend_.Ask("POST", "/v1/import", parameters, body_);
  }
  if (!reply) return Fail(reply.error());
  sent_ = true;
  const Json& json = reply->json;
  const std::uint64_t invalid = CountOf(json, "invalid");
  totals_.records += CountOf(json, "lines") - std::min(invalid, CountOf(json, "lines"));
  totals_.added += CountOf(json, "added");
  totals_.changed += CountOf(json, "changed");
  totals_.kept += CountOf(json, "kept");
  totals_.expired += CountOf(json, "expired");
  totals_.future += CountOf(json, "future");
  totals_.hashed += CountOf(json, "hashed");
  totals_.too_wide += CountOf(json, "too_wide");
  std::uint64_t told = 0;
  for (const Json& problem : json["problems"].items()) {
    const std::uint64_t place = CountOf(problem, "line");
    const bool known = place > 0 && place <= numbers_.size();
    Unreadable(known ? numbers_[place - 1] : 0, problem["message"].text());
    ++told;
  }
  totals_.unreadable += invalid - std::min(invalid, told);
  for (const Json& notice : json["notices"].items()) totals_.notices.insert(notice.text());
  body_.clear();
  numbers_.clear();
  options_.progress(totals_);
  return {};
}

Result<void> Importer::Finish() { return Send(); }

}  // namespace mxward::cli
