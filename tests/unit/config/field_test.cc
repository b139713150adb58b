// SPDX-License-Identifier: Apache-2.0
// What holds for every row of every table, whichever it is, and for tables that are yet to come.
#include "config/field.h"

#include <algorithm>
#include <optional>

#include "catch.h"
#include "config/dnsbl_section.h"
#include "config/dump.h"
#include "config/entry_array.h"
#include "config/kinds.h"
#include "config/limit_section.h"
#include "config/options.h"
#include "config/rule_section.h"
#include "tests/unit/config/load.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

constexpr Place kHere{7, 3};

TomlValue At(Place place, TomlValue value) {
  value.place = place;
  for (TomlValue& item : value.items) item.place = place;
  return value;
}

TomlValue TomlText(std::string_view text) {
  TomlValue value;
  value.kind = TomlValue::Kind::kString;
  value.text = text;
  return value;
}

TomlValue InList(TomlValue item) {
  TomlValue value;
  value.kind = TomlValue::Kind::kArray;
  value.items.push_back(std::move(item));
  return value;
}

template <class Owner>
std::vector<PlacedProblem> Faults(const Field<Owner>& field, const TomlValue& value, Owner& owner) {
  std::vector<PlacedProblem> problems;
  const Config config;
  ReadField(field, value, owner, config, problems);
  return problems;
}

// Calls see(fields, owner) for the fields of each section and each array of tables.
template <class See>
void ForEachTable(See see) {
  for (const Section& section : Sections()) see(section.options, DefaultConfig());
  see(DnsblTable().fields, DnsblDraft());
  see(LimitTable().fields, LimitDraft());
  see(RuleTable().fields, RuleDraft());
}

template <class See>
void ForEachField(See see) {
  ForEachTable([&](const auto& fields, const auto& owner) {
    for (const auto& field : fields) {
      INFO(field.FullName());
      see(field, owner);
    }
  });
}

TEST_CASE("no field takes a date, and each says where, what was found and what is right",
          "[config]") {
  int seen = 0;
  ForEachField([&](const auto& field, auto owner) {
    TomlValue date;
    date.kind = TomlValue::Kind::kDate;
    const OptionText before = field.kind->Write(owner);
    const auto faults = Faults(field, At(kHere, date), owner);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].place == kHere);
    CHECK_THAT(faults[0].message, HasText(field.FullName() + ": "));
    CHECK_THAT(faults[0].message, HasText(field.kind->Describe()));
    CHECK_THAT(faults[0].message, HasText("found a date or time"));
    CHECK(field.kind->Write(owner) == before);
    ++seen;
  });
  CHECK(seen > 110);
}

TEST_CASE("a word that is slightly wrong is named with the right one", "[config]") {
  int seen = 0;
  ForEachField([&](const auto& field, auto owner) {
    if (field.kind->words().empty()) return;
    for (const std::string_view word : field.kind->words()) {
      const std::string wrong = std::string(word) + "x";
      auto faults = Faults(field, At(kHere, TomlText(wrong)), owner);
      REQUIRE(faults.size() == 1);
      if (faults[0].message.find("a list") != std::string::npos) {
        faults = Faults(field, At(kHere, InList(TomlText(wrong))), owner);
        REQUIRE(faults.size() == 1);
      }
      INFO(faults[0].message);
      CHECK(faults[0].place == kHere);
      CHECK_THAT(faults[0].message, HasText(field.FullName() + ": "));
      CHECK_THAT(faults[0].message, HasText("\"" + wrong + "\""));
      CHECK_THAT(faults[0].message, HasText("; did you mean \"" + std::string(word) + "\"?"));
    }
    ++seen;
  });
  CHECK(seen > 15);
}

TEST_CASE("every field takes its bounds and nothing beyond them", "[config]") {
  int seen = 0;
  ForEachField([&](const auto& field, auto owner) {
    const auto edges = field.kind->edges();
    if (!edges) return;
    ++seen;
    CHECK(Faults(field, edges->min, owner).empty());
    const OptionText smallest = field.kind->Write(owner);
    CHECK(Faults(field, edges->max, owner).empty());
    const OptionText largest = field.kind->Write(owner);
    CHECK(smallest != largest);
    for (const TomlValue& beyond : {edges->below, edges->above}) {
      const auto faults = Faults(field, At(kHere, beyond), owner);
      REQUIRE(faults.size() == 1);
      CHECK(faults[0].place == kHere);
      CHECK_THAT(faults[0].message, HasText(field.FullName() + ": must be from "));
      CHECK_THAT(faults[0].message, HasText("; found "));
    }
    CHECK(field.kind->Write(owner) == largest);
  });
  CHECK(seen > 35);
}

TEST_CASE("every default is a value of its field", "[config]") {
  ForEachField([](const auto& field, auto owner) {
    CHECK_FALSE(field.description.empty());
    CHECK(field.description.ends_with('.'));
    const auto value = DefaultToml(field.default_value);
    if (!value) return;
    CHECK(Faults(field, *value, owner).empty());
    const OptionText written = field.kind->Write(owner);
    CHECK_FALSE(written.empty());
    SetDefault(field, owner);
    CHECK(field.kind->Write(owner) == written);
  });
}

TEST_CASE("a value that is copied is the same value", "[config]") {
  ForEachField([](const auto& field, auto owner) {
    auto other = owner;
    const auto edges = field.kind->edges();
    if (!edges) return;
    CHECK(Faults(field, edges->max, owner).empty());
    field.kind->Copy(owner, other);
    CHECK(field.kind->Write(other) == field.kind->Write(owner));
  });
}

TEST_CASE("keys that are slightly wrong are named with the right one in every table", "[config]") {
  for (const EntryArray& array : EntryArrays()) {
    for (const FieldDoc& field : array.docs()) {
      const std::string wrong = std::string(field.key) + "x";
      INFO(array.name << "." << wrong);
      CHECK_THAT(
          Problems("[[" + std::string(array.name) + "]]\n" + wrong + " = 1\n"),
          HasText("mxward.toml:2:1: unknown key \"" + wrong + "\" in [[" + std::string(array.name) +
                  "]]; did you mean \"" + std::string(field.key) + "\"?"));
    }
  }
}

// Entries in which each key has a meaning somewhere.
struct Sample {
  std::string_view array;
  std::vector<std::pair<std::string, std::string>> lines;
};

std::vector<Sample> Samples() {
  const std::pair<std::string, std::string> zone{"zone", "\"bl.example.net\""};
  const std::pair<std::string, std::string> codes{"codes", "{ \"127.0.0.2\" = 4 }"};
  const std::pair<std::string, std::string> per{"per", "\"client\""};
  return {
      {"dnsbl", {zone, codes}},
      {"dnsbl", {zone, codes, {"of", "\"helo\""}}},
      {"dnsbl", {zone, {"codes", "[\"127.0.0.2\"]"}}},
      {"dnsbl", {zone, {"codes", "[\"127.0.0.2\"]"}, {"weight", "3"}}},
      {"dnsbl", {{"profile", "\"psbl\""}}},
      {"limit", {{"count", "\"connections\""}, per, {"rate", "\"9/1h\""}}},
      {"limit", {{"count", "\"bad-recipients\""}, per, {"rate", "\"9/1h\""}}},
      {"limit", {{"count", "\"messages\""}, {"per", "\"network\""}, {"rate", "\"9/1h\""}}},
      {"limit", {{"count", "\"messages\""}, per, {"rate", "\"9/1h\""}, {"action", "\"score\""}}},
      {"rule", {{"name", "\"r\""}, {"greylist", "\"on\""}}},
      {"rule", {{"name", "\"r\""}, {"action", "\"reject\""}}},
  };
}

std::string WithLine(const Sample& sample, std::string_view key, std::string_view value) {
  std::string out = "[[" + std::string(sample.array) + "]]\n";
  for (const auto& [own_key, own_value] : sample.lines) {
    if (own_key != key) out += own_key + " = " + own_value + "\n";
  }
  return out + std::string(key) + " = " + std::string(value) + "\n";
}

TEST_CASE("every key of every table takes its example, and a dump of it loads back", "[config]") {
  const std::string house_list =
      "[[dnsbl]]\nname = \"house list\"\nzone = \"h.example\"\ncodes = { \"127.0.0.2\" = 1 }\n";
  for (const EntryArray& array : EntryArrays()) {
    for (const FieldDoc& field : array.docs()) {
      if (field.key == "key") continue;  // which no dump shows
      int taken = 0;
      for (const Sample& sample : Samples()) {
        if (sample.array != array.name) continue;
        const std::string text =
            (array.name == "rule" ? house_list : "") + WithLine(sample, field.key, field.example);
        if (!Problems(text).empty()) continue;
        ++taken;
        INFO(text);
        const Config config = Load(text);
        CHECK(Load(DumpToml(config, /*only_changed=*/false)) == config);
        CHECK(Load(DumpToml(config, /*only_changed=*/true)) == config);
        CHECK(Difference(config, Load(DumpToml(config, /*only_changed=*/false))).empty());
      }
      INFO(array.name << "." << field.key);
      CHECK(taken > 0);
    }
  }
}

// An array of tables that the program does not have: it takes its rows, and the way from a draft to
// an entry and back. All else is there.

enum class Colour : std::uint8_t { kRed, kGreen };
constexpr auto EnumWordsOf(Colour) {
  return EnumWords<Colour>({{Colour::kRed, "red"}, {Colour::kGreen, "green"}});
}

struct Peer {
  std::string name;
  int weight = 0;
  Seconds pause{};
  Colour colour = Colour::kRed;
  std::vector<Prefix> networks;
  bool operator==(const Peer&) const = default;
};

struct PeerDraft {
  std::optional<std::string> name;
  std::optional<int> weight;
  std::optional<Seconds> pause;
  std::optional<Colour> colour;
  std::optional<std::vector<Prefix>> networks;
};

const EntryTable<PeerDraft, Peer>& PeerTable() {
  static const Field<PeerDraft> rows[] = {
      {.section = "peer",
       .key = "name",
       .kind = Text(mxward::At<&PeerDraft::name>(),
                    [](std::string_view text) { return Result<std::string>(text); }),
       .default_value = Prose{"none, it is needed"},
       .description = "The name.",
       .example = R"("a")"},
      {.section = "peer",
       .key = "weight",
       .kind = Integer(mxward::At<&PeerDraft::weight>(), 1, 9),
       .default_value = 5,
       .description = "The weight."},
      {.section = "peer",
       .key = "pause",
       .kind = Duration(mxward::At<&PeerDraft::pause>(), Millis(1000), Millis(60000)),
       .default_value = "10s",
       .description = "The pause."},
      {.section = "peer",
       .key = "colour",
       .kind = Word(mxward::At<&PeerDraft::colour>()),
       .default_value = "red",
       .description = "The colour."},
      {.section = "peer",
       .key = "networks",
       .kind = PrefixList(mxward::At<&PeerDraft::networks>()),
       .default_value = std::span<const std::string_view>(),
       .description = "The networks.",
       .example = R"(["192.0.2.0/24"])"},
  };
  static const EntryTable<PeerDraft, Peer> table = {
      .words = {.name = "peer", .one = "peer", .many = "peers", .max = 3},
      .description = "Peers.",
      .examples = "[[peer]]\nname = \"a\"\n",
      .fields = rows,
      .finish =
          [](PeerDraft draft, EntryPlaces& places, const Config& /*config*/) {
            places.Need("name", "write one");
            FillDefaults(std::span<const Field<PeerDraft>>(rows), places, draft);
            return Peer{draft.name.value_or(""), draft.weight.value_or(0),
                        draft.pause.value_or(Seconds()), draft.colour.value_or(Colour::kRed),
                        draft.networks.value_or(std::vector<Prefix>())};
          },
      .written =
          [](const Peer& peer) {
            return PeerDraft{peer.name, peer.weight, peer.pause, peer.colour, peer.networks};
          },
      .plain =
          [](const Peer& /*peer*/) {
            PeerDraft out;
            for (const Field<PeerDraft>& field : rows) SetDefault(field, out);
            return out;
          },
  };
  return table;
}

std::vector<Peer> ReadPeers(const std::string& text, std::vector<PlacedProblem>& problems) {
  const TomlDocument document = ParseToml(text);
  REQUIRE(document.root.entries.size() == 1);
  return ReadEntries(PeerTable(), document.root.entries.front(), Config(), problems);
}

std::string PeerProblems(const std::string& text) {
  std::vector<PlacedProblem> problems;
  ReadPeers(text, problems);
  std::string out;
  for (const PlacedProblem& problem : problems) {
    out += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + ": " +
           problem.message + "\n";
  }
  return out;
}

TEST_CASE("a new array of tables is a table: it is read with defaults and bounds", "[config]") {
  std::vector<PlacedProblem> problems;
  const auto peers = ReadPeers(
      "[[peer]]\nname = \"a\"\n[[peer]]\nname = \"b\"\nweight = 9\npause = \"1m\"\n"
      "colour = \"green\"\nnetworks = [\"192.0.2.0/24\"]\n",
      problems);
  CHECK(problems.empty());
  REQUIRE(peers.size() == 2);
  CHECK(peers[0] == Peer{"a", 5, Seconds(10), Colour::kRed, {}});
  CHECK(peers[1] == Peer{"b", 9, Seconds(60), Colour::kGreen, {*Prefix::Parse("192.0.2.0/24")}});
  CHECK(PeerProblems("[[peer]]\nweight = 10\npause = \"61s\"\ncolour = \"gren\"\nwieght = 1\n"
                     "networks = [\"x\", 3]\n") ==
        "2:10: peer.weight: must be from 1 to 9; found 10\n"
        "3:9: peer.pause: must be from 1s to 1m; found 61s\n"
        "4:10: peer.colour: must be \"red\" or \"green\"; found the text \"gren\"; did you mean "
        "\"green\"?\n"
        "5:1: unknown key \"wieght\" in [[peer]]; did you mean \"weight\"?\n"
        "6:13: peer.networks: \"x\" is no IP address or prefix\n"
        "6:18: peer.networks: needs a list of IP addresses and prefixes, such as "
        "[\"192.0.2.0/24\"]; found the integer 3 in it\n"
        "1:1: peer.name: is missing; write one\n");
  CHECK(PeerProblems("peer = 3") ==
        "1:1: peer is a list of sections: write [[peer]], in double brackets, above each peer\n");
  const std::string one = "[[peer]]\nname = \"a\"\n";
  CHECK(PeerProblems(one + one) ==
        "4:8: peer.name: another peer, in line 1, is called \"a\" as well; give one of them "
        "another name = \"...\"\n");
}

TEST_CASE("a new array of tables is a table: it is dumped", "[config]") {
  std::vector<PlacedProblem> problems;
  const auto peers =
      ReadPeers("[[peer]]\nname = \"a\"\nweight = 6\nnetworks = [\"::1\"]\n", problems);
  const auto values = ValuesOf(PeerTable(), peers);
  REQUIRE(values.size() == 1);
  CHECK(values[0].name == "a");
  CHECK(EntryLines("peer", values[0], /*only_changed=*/true) ==
        "[[peer]]\nname = \"a\"\nweight = 6\nnetworks = [\"::1\"]\n");
  const std::string all = EntryLines("peer", values[0], /*only_changed=*/false);
  CHECK(all ==
        "[[peer]]\nname = \"a\"\nweight = 6\npause = \"10s\"\ncolour = \"red\"\n"
        "networks = [\"::1\"]\n");
  CHECK(ReadPeers(all, problems) == peers);
  CHECK(problems.empty());
}

TEST_CASE("a secret is written as hidden, and differs where it differs", "[config]") {
  const auto key = Secret(mxward::At<&PeerDraft::name>(),
                          [](std::string_view text) { return Result<std::string>(text); });
  PeerDraft one, other;
  one.name = "abc";
  other.name = "abd";
  CHECK(key->Write(one).OneLine() == "\"<hidden>\"");
  CHECK(key->Write(one) != key->Write(other));
}

}  // namespace
}  // namespace mxward
