// SPDX-License-Identifier: Apache-2.0
#include "cli/output/layouts.h"

#include "base/units.h"

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
  if (item["spf"].boolean()) cell.text += " (SPF)";
  return cell;
}

Cell ProgressCell(const Json& item, WallTime /*now*/) {
  const std::string& progress = item["progress"].text();
  if (progress == "overdue") return {"overdue", Color::kYellow};
  if (progress == "never-came-back") return {"never came back", Color::kRed};
  return {Printable(progress)};
}

// With privacy there is no address, only what distinguishes clients.
Cell ClientCell(const Json& item, WallTime /*now*/) {
  if (item["client"].is_text()) return {FieldText(item["client"])};
  const Json& tag = item["client_tag"];
  return {"#" + FieldText(tag.is_null() ? item["client_hash"] : tag), Color::kDim};
}

Cell StandingCell(const Json& item, WallTime /*now*/) {
  const std::string& standing = item["standing"].text();
  if (standing == "good") return {standing, Color::kGreen};
  if (standing == "bad") return {standing, Color::kRed};
  return {"-", Color::kDim};
}

// The list that had it last, and when.
Cell LastListCell(const Json& item, WallTime now) {
  if (item["last_list"].is_null()) return {"-", Color::kDim};
  return {FieldText(item["last_list"]) + " (" + RelativeTime(TimeOf(item["last_listed"]), now) +
          ")"};
}

// "over", "over (observed)", "near"
Cell LimitStateCell(const Json& item, WallTime /*now*/) {
  const bool over = item["state"].text() == "over";
  std::string text = FieldText(item["state"]);
  if (item["action"].text() == "observe") text += " (observed)";
  return {std::move(text), over ? Color::kRed : Color::kYellow};
}

// "12", "12 (observed)"
Cell RuleHitsCell(const Json& item, WallTime /*now*/) {
  const bool observes = item["observe"].boolean();
  std::string hits = FieldText(item[observes ? "observed" : "hits"]);
  if (!observes) return {std::move(hits)};
  return {hits + " (observed)", Color::kDim};
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

Cell ConditionCell(const Json& item, WallTime /*now*/) {
  const std::string& condition = item["condition"].text();
  if (item["suspended"].boolean()) return {Printable(condition), Color::kRed};
  return {Printable(condition), condition == "healthy" ? Color::kGreen : Color::kNone};
}

// "6", "-5..0", "6 (observed)"
Cell ScoresCell(const Json& item, WallTime /*now*/) {
  const std::string most = FieldText(item["max_score"]);
  const std::string least = FieldText(item["min_score"]);
  std::string text = item["min_score"].integer() < 0 ? least + ".." + most : most;
  if (item["observe"].boolean()) text += " (observed)";
  return {std::move(text)};
}

Cell LatencyCell(const Json& item, WallTime /*now*/) {
  if (item["latency_ms"].is_null()) return {"-", Color::kDim};
  return {FieldText(item["latency_ms"]) + " ms"};
}

Cell VerdictCell(const Json& item, WallTime /*now*/) {
  const std::string& verdict = item["verdict"].text();
  const Color color = verdict == "ok"     ? Color::kGreen
                      : verdict == "warn" ? Color::kYellow
                                          : Color::kRed;
  return {Printable(verdict), color};
}

Cell ListedCell(const Json& item, WallTime /*now*/) {
  const std::string& state = item["state"].text();
  if (state == "listed") {
    return {state, item["score"].integer() < 0 ? Color::kGreen : Color::kRed};
  }
  return {Printable(state), state == "not-listed" ? Color::kNone : Color::kYellow};
}

// Where something is known from, and how old that is.
Cell OriginCell(const Json& item, WallTime /*now*/) {
  const std::string& origin = item["origin"].text();
  if (origin == "cache") {
    return {"cache, " + HumanDuration(Seconds(item["age_seconds"].integer())) + " old"};
  }
  if (origin == "dns") {
    const bool timed = !item["latency_ms"].is_null();
    return {timed ? "DNS, " + FieldText(item["latency_ms"]) + " ms" : "DNS"};
  }
  return {origin == "mta" ? "mail server" : "mxward"};
}

const std::vector<std::string_view>& TupleMembers() {
  static const std::vector<std::string_view> members = {
      "key",       "state",          "progress",     "observed",  "folded",
      "client",    "client_network", "sender",       "recipient", "first_seen",
      "last_seen", "passes_at",      "passes_until", "passed_at", "tries",
      "passes",    "client_tag",     "spf"};
  return members;
}

// The time of day, in UTC.
Cell ClockCell(const Json& item, WallTime /*now*/) {
  const std::string& time = item["time"].text();
  const std::size_t day = time.find('T');
  return {day == std::string::npos ? Printable(time) : Printable(time.substr(day + 1))};
}

Cell DecidedCell(const Json& item, WallTime /*now*/) {
  const std::string& action = item["action"].text();
  Cell cell{Printable(action), action == "accept"  ? Color::kGreen
                               : action == "defer" ? Color::kYellow
                                                   : Color::kRed};
  if (item["observed"].boolean()) cell.text += " (observed)";
  return cell;
}

Cell ClientWithNameCell(const Json& item, WallTime /*now*/) {
  const std::string& name = item["client_name"].text();
  std::string text = FieldText(item["client_address"]);
  if (name != "unknown") text.append(" ").append(Printable(name));
  return {std::move(text)};
}

Cell SenderCell(const Json& item, WallTime /*now*/) {
  const std::string& sender = item["sender"].text();
  return {sender.empty() ? "<>" : Printable(sender)};
}

// What a deferred client has to wait, or has waited.
Cell WaitCell(const Json& item, WallTime /*now*/) {
  if (item["delay"].is_null()) return {};
  return {HumanDuration(Seconds(item["delay"].integer()))};
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

Layout AutoAllowLayout() {
  return {{{"STATE", &AllowedCell},
           {"IDENTITY", &IdentityCell},
           Number("PASSED", "passed"),
           Time("LAST USED", "last_used"),
           Time("ENDS", "expires")},
          {"identity", "identity_hash", "allowed", "passed", "last_counted", "last_used", "expires",
           "first_counted", "several_clients"}};
}

Layout ClientLayout() {
  return {
      {{"CLIENT", &ClientCell},
       Time("FIRST SEEN", "first_seen"),
       Time("LAST SEEN", "last_seen"),
       Number("CONNECTIONS", "connections"),
       Number("PASSED", "passed"),
       Number("DEFERRED", "deferred"),
       Number("REJECTED", "rejected"),
       Number("BAD", "bad"),
       Text("NAME", "name_class"),
       {"STANDING", &StandingCell},
       {"LAST LISTED BY", &LastListCell}},
      {"client", "client_hash", "first_seen", "last_seen", "connections", "passed", "deferred",
       "rejected", "bad", "harvests", "name_class", "standing", "standing_detail", "days_passed",
       "first_passed", "last_passed", "last_rejected", "last_list", "last_listed"}};
}

Layout RuleLayout() {
  return {{Text("RULE", "rule"),
           Text("EFFECT", "effect"),
           {"HITS", RuleHitsCell, /*right=*/true},
           Time("LAST", "last")},
          {"rule", "effect", "observe", "hits", "observed", "last"}};
}

Layout LimitLayout() {
  return {{{"STATE", &LimitStateCell},
           Text("LIMIT", "limit"),
           Text("KEY", "key"),
           Number("USED", "used"),
           Number("OF", "of"),
           Time("SINCE", "since"),
           Time("UNTIL", "until"),
           Number("DENIED", "denied")},
          {"limit", "key", "state", "used", "of", "since", "until", "denied", "action"}};
}

Layout FindingLayout() {
  return {{Number("SCORE", "score"),
           Text("FINDING", "name"),
           {"FROM", &OriginCell},
           Text("DETAIL", "detail")},
          {"name", "score", "detail", "origin", "age_seconds"}};
}

Layout ListLayout() {
  return {{Text("LIST", "name"),
           {"CONDITION", &ConditionCell},
           Time("SINCE", "since"),
           Text("OF", "of"),
           {"SCORE", &ScoresCell, /*right=*/true},
           {"LATENCY", &LatencyCell, /*right=*/true},
           Number("ASKED", "asked"),
           Number("LISTED", "listed"),
           Number("REFUSED", "refused"),
           Number("FAILED", "failed"),
           Text("DETAIL", "detail")},
          {"name", "profile", "zone", "of", "condition", "since", "suspended", "detail", "observe",
           "min_score", "max_score", "listed_point_missing", "last_test", "latency_ms", "asked",
           "listed", "refused", "failed"}};
}

Layout DecisionLayout() {
  return {{{"TIME", &ClockCell},
           {"ACTION", &DecidedCell},
           Text("REASON", "reason"),
           {"CLIENT", &ClientWithNameCell},
           {"SENDER", &SenderCell},
           Text("RECIPIENT", "recipient"),
           {"WAIT", &WaitCell, /*right=*/true},
           Number("SCORE", "score"),
           Text("FINDINGS", "findings")},
          {"time", "queue_id", "action", "reason", "delay", "identity", "client_name",
           "client_address", "helo", "sender", "recipient", "user", "score", "findings", "told",
           "observed", "about", "account"}};
}

Layout ListTestLayout() {
  return {
      {{"VERDICT", &VerdictCell},
       Text("LIST", "list"),
       Text("POINT", "point"),
       Text("ASKED", "asked"),
       Text("EXPECTED", "expected"),
       Text("GOT", "got"),
       {"LATENCY", &LatencyCell, /*right=*/true},
       Text("DETAIL", "detail")},
      {"list", "point", "asked", "expected", "got", "codes", "detail", "latency_ms", "verdict"}};
}

Layout ListAnswerLayout() {
  return {{Text("LIST", "list"),
           Text("ABOUT", "about"),
           {"STATE", &ListedCell},
           Number("SCORE", "score"),
           {"FROM", &OriginCell},
           Text("DETAIL", "detail"),
           Text("TEXT", "text")},
          {"list", "about", "state", "score", "codes", "detail", "text", "origin", "age_seconds",
           "latency_ms"}};
}

}  // namespace mxward::cli
