// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

struct Difference {
  std::string organisation;
  std::uint64_t deferred[2] = {0, 0};
  std::uint64_t rejected[2] = {0, 0};

  std::int64_t size() const {
    const auto between = [](const std::uint64_t* pair) {
      return std::abs(static_cast<std::int64_t>(pair[1]) - static_cast<std::int64_t>(pair[0]));
    };
    return between(deferred) + between(rejected);
  }
};

// Rows of a table with a name and two values, and their difference where they are numbers.
class Sides {
 public:
  void Add(std::string name, const Json& in_force, const Json& changed) {
    const std::int64_t difference = changed.integer() - in_force.integer();
    Json row;
    row.Set("name", std::move(name)).Set("in_force", in_force).Set("changed", changed);
    row.Set("difference", difference == 0 ? std::string("=") : fmt::format("{:+}", difference));
    rows_.push_back(std::move(row));
  }
  void AddText(std::string name, std::string in_force, std::string changed) {
    Json row;
    row.Set("name", std::move(name)).Set("difference", in_force == changed ? "=" : "");
    row.Set("in_force", std::move(in_force)).Set("changed", std::move(changed));
    rows_.push_back(std::move(row));
  }
  const std::vector<Json>& rows() const { return rows_; }

 private:
  std::vector<Json> rows_;
};

// Of one reason in either answer: its recipients.
void AddReasons(const Json& document, Sides& sides) {
  std::map<std::string, std::pair<Json, Json>> reasons;
  std::vector<std::string> order;
  const auto add = [&](const Json& items, bool changed) {
    for (const Json& item : items.items()) {
      std::string name = "  " + item["action"].text() + " " + item["reason"].text();
      const auto [place, added] = reasons.try_emplace(name, Json(0), Json(0));
      if (added) order.push_back(std::move(name));
      (changed ? place->second.second : place->second.first) = item["tries"];
    }
  };
  add(document["reasons"], /*changed=*/false);
  add(document["changed"]["reasons"], /*changed=*/true);
  for (const std::string& name : order) sides.Add(name, reasons[name].first, reasons[name].second);
}

std::string DelayText(const Json& delay, std::string_view member) {
  return delay[member].is_null() ? "-" : DurationText(delay[member]);
}

void AddNewFindings(const Json& document, Sides& sides) {
  const std::vector<Json>& changed = document["changed"]["new_findings"].items();
  std::size_t place = 0;
  for (const Json& finding : document["new_findings"].items()) {
    const Json& other = changed.at(place++);
    const auto text = [](const Json& one) {
      return one["clients"].is_null() ? one["state"].text() : FieldText(one["clients"]);
    };
    std::string name = "clients suspicious only by " + finding["finding"].text();
    if (!finding["clients"].is_null() && !other["clients"].is_null()) {
      sides.Add(std::move(name), finding["clients"], other["clients"]);
    } else if (text(finding) != text(other)) {
      sides.AddText(std::move(name), text(finding), text(other));
    }
  }
}

}  // namespace

Json DifferencesJson(const Tally& in_force, const Tally& changed, std::size_t most) {
  std::map<std::string, Difference> all;
  const auto add = [&all](const Tally& tally, int side) {
    for (const auto& [name, organisation] : tally.organisations()) {
      Difference& one = all[name];
      one.organisation = name;
      one.deferred[side] = organisation.deferred;
      one.rejected[side] = organisation.rejected;
    }
  };
  add(in_force, 0);
  add(changed, 1);
  std::vector<Difference> differences;
  for (auto& [name, one] : all) {
    if (one.size() > 0) differences.push_back(std::move(one));
  }
  std::stable_sort(differences.begin(), differences.end(),
                   [](const Difference& a, const Difference& b) { return a.size() > b.size(); });
  differences.resize(std::min(most, differences.size()));
  Json items = Json::Array();
  for (const Difference& one : differences) {
    Json item;
    item.Set("organisation", one.organisation);
    item.Set("deferred", one.deferred[0]).Set("deferred_changed", one.deferred[1]);
    item.Set("rejected", one.rejected[0]).Set("rejected_changed", one.rejected[1]);
    items.Push(std::move(item));
  }
  return items;
}

void WriteComparison(Output& output, const Json& document) {
  const Json& changed = document["changed"];
  Sides sides;
  const auto tries = [&](const char* name, const char* member) {
    sides.Add(name, document["tries"][member], changed["tries"][member]);
  };
  tries("accepted at once", "accept");
  tries("deferred", "defer");
  tries("rejected", "reject");
  AddReasons(document, sides);
  sides.Add("mails deferred", document["deferred"]["mails"], changed["deferred"]["mails"]);
  for (const auto& [name, member] :
       {std::pair("delay of accepted mail: median", "median_seconds"),
        std::pair("  95 % within", "p95_seconds"), std::pair("  at most", "max_seconds")}) {
    sides.AddText(name, DelayText(document["delay"], member), DelayText(changed["delay"], member));
  }
  AddNewFindings(document, sides);
  Column in_force = TextColumn("IN FORCE", "in_force");
  Column with_changes = TextColumn("CHANGED", "changed");
  Column difference = TextColumn("DIFFERENCE", "difference");
  in_force.right = with_changes.right = difference.right = true;
  WriteTable(output, {TextColumn("RECIPIENTS", "name"), in_force, with_changes, difference},
             sides.rows());
  WriteTable(output,
             {TextColumn("SENDER", "organisation"), NumberColumn("DEFERRED", "deferred"),
              NumberColumn("CHANGED", "deferred_changed"), NumberColumn("REJECTED", "rejected"),
              NumberColumn("CHANGED", "rejected_changed")},
             changed["differences"].items());
}

}  // namespace mxward::cli
