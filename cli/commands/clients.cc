// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"
#include "cli/output/listing.h"

namespace mxward::cli {
namespace {

constexpr std::array<std::string_view, 7> kOrders = {
    "last-seen", "first-seen", "connections", "passed", "deferred", "rejected", "bad"};
// What the API sorts at a time. More is sorted here.
constexpr std::int64_t kMostSorted = 1000;

// The member of an item that an order goes by: "last-seen" is last_seen.
std::string MemberOf(std::string order) {
  std::replace(order.begin(), order.end(), '-', '_');
  return order;
}

// The best of all slices.
class Merged {
 public:
  Merged(const std::string& order, std::int64_t limit)
      : member_(MemberOf(order)), limit_(static_cast<std::size_t>(limit)) {}

  void Add(const std::vector<Json>& slice) {
    items_.insert(items_.end(), slice.begin(), slice.end());
    std::stable_sort(items_.begin(), items_.end(),
                     [this](const Json& a, const Json& b) { return IsBefore(a, b); });
    if (limit_ == kNoLimit || items_.size() <= limit_) return;
    items_.resize(limit_);
    cut_ = true;
  }
  const std::vector<Json>& items() const { return items_; }
  // Whether there were more than that.
  bool cut() const { return cut_; }

 private:
  // Times are texts that sort as they follow each other.
  bool IsBefore(const Json& a, const Json& b) const {
    const Json& left = a[member_];
    const Json& right = b[member_];
    if (left.text() != right.text()) return left.text() > right.text();
    return left.integer() > right.integer();
  }

  std::string member_;
  std::size_t limit_;
  std::vector<Json> items_;
  bool cut_ = false;
};

int ListSorted(Context& context, const Words& words, const std::string& order) {
  const auto limit = LimitOf(context, words);
  if (!limit) return kExitUsage;
  const auto backend = context.OpenBackend(Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  // One more than is shown, to know whether there is more.
  const bool sorted = *limit != kNoLimit && *limit < kMostSorted;
  Parameters parameters = {{"client", words.Get("CLIENT")},
                           {"sort", sorted ? order : ""},
                           {"limit", std::to_string(sorted ? *limit + 1 : kMostSorted)},
                           {"after", ""}};
  std::string& after = parameters.back().second;
  Merged merged(order, *limit);
  std::int64_t unknown = 0;
  do {
    const auto reply = backend->Ask("GET", "/v1/clients", parameters);
    if (!reply) return context.Report(reply.error());
    merged.Add(reply->json["items"].items());
    unknown += reply->json["unknown"].integer();
    after = reply->json["next"].text();
  } while (!after.empty());
  Output& output = context.output();
  Rows rows(output, ClientLayout(), context.clock().Now());
  for (const Json& item : merged.items()) rows.Add(item);
  rows.End();
  if (merged.cut()) SayCut(output, rows.count());
  if (unknown > 0) {
    output.Say(
        std::to_string(unknown) +
        " clients are stored without their address (greylist.privacy), so they cannot be matched");
  }
  return rows.count() > 0 ? kExitOk : kExitNegative;
}

}  // namespace

int RunClients(Context& context, const Words& words) {
  if (!words.Has("--sort")) return ListSorted(context, words, std::string(kOrders.front()));
  const std::string order = words.Get("--sort");
  if (std::find(kOrders.begin(), kOrders.end(), order) == kOrders.end()) {
    const std::string_view nearest = ClosestMatch(order, {kOrders.begin(), kOrders.end()});
    return context.UsageError(
        "--sort: \"" + Printable(order) + "\" is not a known order" +
        (nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?"));
  }
  return ListSorted(context, words, order);
}

int RunClientsTop(Context& context, const Words& words) {
  return ListSorted(context, words, "connections");
}

}  // namespace mxward::cli
