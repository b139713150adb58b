// SPDX-License-Identifier: Apache-2.0
#include "cli/layouts.h"

namespace mxward::cli {
namespace {

Column Text(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); }};
}

Column Number(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); },
          /*right=*/true};
}

Column Time(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime now) { return TimeCell(item[member], now); }};
}

// "passed", "pending (observed)", "never came back".
Cell StateCell(const Json& item, WallTime /*now*/) {
  const std::string& state = item["state"].text();
  Cell cell{state, Color::kNone};
  if (state == "passed") cell.color = Color::kGreen;
  if (state == "pending") cell.color = Color::kYellow;
  if (state == "expired") cell.color = Color::kDim;
  if (item["progress"].text() == "never-came-back") cell.text = "never came back";
  if (item["observed"].boolean()) cell.text += " (observed)";
  if (item["folded"].boolean()) cell.text += " (folded)";
  return cell;
}

Cell ProgressCell(const Json& item, WallTime /*now*/) {
  const std::string& progress = item["progress"].text();
  if (progress == "overdue") return {"overdue", Color::kYellow};
  if (progress == "never-came-back") return {"never came back", Color::kRed};
  return {Printable(progress)};
}

// With privacy there is no address, only what tells clients apart.
Cell ClientCell(const Json& item, WallTime /*now*/) {
  if (item["client"].is_text()) return {FieldText(item["client"])};
  return {"#" + FieldText(item["client_tag"]), Color::kDim};
}

Cell AddressCell(const Json& item, std::string_view member) {
  const Json& address = item[member];
  if (address.is_text() && address.text().empty()) return {"<>"};
  if (address.is_null() && item["folded"].boolean()) return {"(all further ones)", Color::kDim};
  return TextCell(address);
}

Column Address(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return AddressCell(item, member); }};
}

Cell ActionCell(const Json& item, WallTime /*now*/) {
  const bool allow = item["action"].text() == "allow";
  return {FieldText(item["action"]) + (item["all"].boolean() ? " (all checks)" : ""),
          allow ? Color::kGreen : Color::kRed};
}

Cell EndCell(const Json& item, WallTime now) {
  if (item["expires"].is_null()) return {"never", Color::kDim};
  return TimeCell(item["expires"], now);
}

Cell AllowedCell(const Json& item, WallTime /*now*/) {
  if (item["allowed"].boolean()) return {"allowed", Color::kGreen};
  return {"earning", Color::kYellow};
}

Cell IdentityCell(const Json& item, WallTime /*now*/) {
  if (item["identity"].is_text()) return {FieldText(item["identity"])};
  return {"#" + FieldText(item["identity_hash"]), Color::kDim};
}

const std::vector<std::string_view>& TupleMembers() {
  static const std::vector<std::string_view> members = {
      "key",       "state",          "progress",     "observed",  "folded",
      "client",    "client_network", "sender",       "recipient", "first_seen",
      "last_seen", "passes_at",      "passes_until", "passed_at", "tries",
      "passes",    "client_tag"};
  return members;
}

}  // namespace

Layout TupleLayout() {
  return {{{"STATE", &StateCell},
           {"CLIENT", &ClientCell},
           Address("SENDER", "sender"),
           Address("RECIPIENT", "recipient"),
           Time("FIRST SEEN", "first_seen"),
           Time("LAST SEEN", "last_seen"),
           Number("TRIES", "tries"),
           Number("PASSES", "passes"),
           Text("KEY", "key")},
          TupleMembers()};
}

Layout PendingLayout() {
  return {{{"PROGRESS", &ProgressCell},
           {"CLIENT", &ClientCell},
           Address("SENDER", "sender"),
           Address("RECIPIENT", "recipient"),
           Number("TRIES", "tries"),
           Time("FIRST SEEN", "first_seen"),
           Time("LAST SEEN", "last_seen"),
           Time("PASSES FROM", "passes_at"),
           Time("UNTIL", "passes_until"),
           Text("KEY", "key")},
          TupleMembers()};
}

Layout EntryLayout() {
  return {{{"ACTION", &ActionCell},
           Text("KIND", "kind"),
           Text("KEY", "key"),
           {"ENDS", &EndCell},
           Time("CHANGED", "updated"),
           Text("NOTE", "note")},
          {"action", "kind", "key", "all", "expires", "created", "updated", "note"}};
}

Layout EarnedLayout() {
  return {
      {{"STATE", &AllowedCell},
       {"IDENTITY", &IdentityCell},
       Number("PASSED", "passed"),
       Time("LAST USED", "last_used"),
       Time("ENDS", "expires")},
      {"identity", "identity_hash", "allowed", "passed", "last_counted", "last_used", "expires"}};
}

}  // namespace mxward::cli
