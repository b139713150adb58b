// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"

namespace mxward::cli {
namespace {

struct Section {
  std::string_view member;
  std::string_view title;
  Layout (*layout)();
};
// In the order in which the API walks through the store: a later slice never brings more of an
// earlier section.
constexpr std::array kSections = {
    Section{"clients", "History", &ClientLayout},
    Section{"entries", "Allow and block entries", &EntryLayout},
    Section{"earned", "Earned by passing", &AutoAllowLayout},
    Section{"tuples", "Tuples", &TupleLayout},
};

// One line of TSV for each record, whatever it is.
const std::vector<std::string_view> kTsv = {"type",   "key",       "state",      "client",
                                            "sender", "recipient", "first_seen", "last_seen",
                                            "until",  "tries",     "passes",     "note"};

Json TsvItem(std::string_view section, const Json& item) {
  Json row;
  if (section == "clients") {
    row.Set("type", "client").Set("key", item["client_hash"]).Set("state", item["standing"]);
    row.Set("client", item["client"]).Set("first_seen", item["first_seen"]);
    row.Set("last_seen", item["last_seen"]).Set("tries", item["connections"]);
    row.Set("passes", item["passed"]).Set("note", item["standing_detail"]);
  } else if (section == "entries") {
    row.Set("type", "entry").Set("key", item["kind"].text() + " " + item["key"].text());
    row.Set("state", item["action"].text() + (item["all"].boolean() ? "-all" : ""));
    row.Set("first_seen", item["created"]).Set("last_seen", item["updated"]);
    row.Set("until", item["expires"]).Set("note", item["note"]);
  } else if (section == "earned") {
    row.Set("type", "earned").Set("key", item["identity"]);
    row.Set("state", item["allowed"].boolean() ? "allowed" : "earning");
    row.Set("last_seen", item["last_used"]).Set("until", item["expires"]);
    row.Set("passes", item["passed"]);
  } else {
    row.Set("type", "tuple");
    for (const std::string_view name : kTsv) {
      if (name != "type") row.Set(std::string(name), item[name == "until" ? "passes_until" : name]);
    }
  }
  return row;
}

// Prints the sections one after the other, each with its rows as they come.
class Printer {
 public:
  Printer(Output& output, WallTime now) : output_(output), now_(now) {
    if (output.format() == Format::kTsv) rows_.emplace(output, Layout{{}, kTsv}, now);
  }

  void Add(const Json& answer) {
    if (!named_ && output_.format() == Format::kJson) {
      named_ = true;
      output_.Write("{\"what\":" + Json(answer["what"]).Dump() +
                    ",\"kind\":" + Json(answer["kind"]).Dump());
    }
    for (std::size_t i = 0; i < kSections.size(); ++i) {
      for (const Json& item : answer[kSections[i].member].items()) AddItem(i, item);
    }
    unknown_ += answer["unknown"].integer();
  }

  void End() {
    switch (output_.format()) {
      case Format::kTable:
        if (rows_) rows_->End();
        break;
      case Format::kTsv:
        rows_->End();
        break;
      case Format::kJson:
        OpenJsonSections(kSections.size());
        output_.Line("]}");
        break;
    }
  }

  std::size_t count() const { return count_; }
  std::int64_t unknown() const { return unknown_; }

 private:
  void AddItem(std::size_t section, const Json& item) {
    ++count_;
    switch (output_.format()) {
      case Format::kTable:
        OpenTable(section);
        rows_->Add(item);
        break;
      case Format::kTsv:
        rows_->Add(TsvItem(kSections[section].member, item));
        break;
      case Format::kJson:
        OpenJsonSections(section + 1);
        output_.Write((fresh_ ? "\n" : ",\n") + item.Dump());
        fresh_ = false;
        break;
    }
  }

  void OpenTable(std::size_t section) {
    if (rows_ && section + 1 == opened_) return;
    if (rows_) {
      rows_->End();
      output_.Line("");
    }
    opened_ = section + 1;
    output_.Line(output_.Paint(std::string(kSections[section].title), Color::kBold));
    rows_.emplace(output_, kSections[section].layout(), now_);
  }

  // Begins all sections before `end` that have not begun, and ends those before.
  void OpenJsonSections(std::size_t end) {
    for (; opened_ < end; ++opened_) {
      output_.Write((opened_ == 0 ? ",\"" : "],\"") + std::string(kSections[opened_].member) +
                    "\":[");
      fresh_ = true;
    }
  }

  Output& output_;
  WallTime now_;
  std::optional<Rows> rows_;
  bool named_ = false;
  bool fresh_ = true;       // no item yet in this section
  std::size_t opened_ = 0;  // sections that have begun
  std::size_t count_ = 0;
  std::int64_t unknown_ = 0;
};

}  // namespace

int RunShow(Context& context, const Words& words) {
  const auto backend = context.OpenBackend(Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  Output& output = context.output();
  Printer printer(output, context.clock().Now());
  std::string after;
  do {
    const auto reply =
        backend->Ask("GET", "/v1/show", {{"what", words.Get("WHAT")}, {"after", after}});
    if (!reply) return context.Report(reply.error());
    printer.Add(reply->json);
    after = reply->json["next"].text();
  } while (!after.empty());
  printer.End();
  if (printer.unknown() > 0) {
    output.Say(std::to_string(printer.unknown()) +
               " records store no addresses (greylist.privacy), so they cannot be matched");
  }
  if (printer.count() > 0) return kExitOk;
  if (output.format() == Format::kTable) {
    output.Line("nothing is stored about " + Printable(words.Get("WHAT")));
  }
  return kExitNegative;
}

}  // namespace mxward::cli
