// SPDX-License-Identifier: Apache-2.0
#include "control/transfer.h"

#include "base/bytes.h"
#include "base/canonical_address.h"
#include "catch.h"
#include "control/import_batch.h"
#include "greylist/identity.h"
#include "greylist/sender.h"
#include "tests/fake/test_config.h"

namespace mxward::control {
namespace {

using greylist::State;
using greylist::TupleKey;
using greylist::TupleRecord;
using store::Table;

constexpr WallTime kNow{Seconds(1767571200)};
const HashKey kKey = {1, 2, 3};
const HashKey kOtherKey = {4, 5, 6};

struct Stored {
  Table table;
  std::string key;
  std::string value;
};

TupleRecord FullTuple() {
  TupleRecord record;
  record.state = State::kPassed;
  record.first_seen = kNow - Seconds(7200);
  record.last_seen = kNow - Seconds(60);
  record.passed_at = kNow - Seconds(6000);
  record.tries = 2;
  record.passes = 65535;
  record.name_hash = 0xfedcba9876543210;
  record.SetHolder({0x0102, 0x0304, 0xdeadbeef});
  record.client = *IpAddress::Parse("2001:db8::7");
  record.good_evidence = true;
  record.spf = true;
  record.sender = "Pre=fix+\xc3\xa9\"\\\n\x01@Example.ORG";
  record.recipient = std::string("b\xff\x80\0@example.net", 16);
  return record;
}

ClientRecord FullClient() {
  ClientRecord record;
  record.client = *IpAddress::Parse("192.0.2.9");
  record.first_seen = kNow - Seconds(86400);
  record.last_seen = kNow;
  record.connections = 4294967295U;
  record.passed = 2;
  record.deferred = 3;
  record.rejected = 4;
  record.bad = 5;
  record.harvests = 6;
  record.against = 3;
  record.name_class = NameClass::kDynamic;
  record.passed_on = {1, kNow - Seconds(600), kNow - Seconds(600)};
  record.named_on = {1, kNow - Seconds(700), kNow - Seconds(500)};
  record.organisation = 0x01020304;
  record.last_listed = kNow - Seconds(900);
  record.last_list = "house \xff list";
  return record;
}

// One of each kind, with every member that there is, and as little as there can be.
std::vector<Stored> Everything() {
  std::vector<Stored> all;
  all.push_back({Table::kTuples, TupleKey{1, 2}.Encode(), FullTuple().Encode()});
  TupleRecord pending;
  pending.first_seen = pending.last_seen = kNow - Seconds(30);
  pending.tries = 1;
  pending.observed = true;
  all.push_back({Table::kTuples, TupleKey{3, 4}.Encode(), pending.Encode()});
  greylist::FoldedBlock folded;
  folded.client = IpAddress::V4(0xc0000201);
  folded.SetHolder({0x0506, 0x0708, 0});
  folded.tuples = {{0x0123456789, kNow - Seconds(30)}, {0xfedcba9876, kNow - Seconds(40)}};
  all.push_back({Table::kFolded, greylist::FoldedKey{5, 6}.Encode(), folded.Encode()});
  TupleRecord gone;
  gone.state = State::kForgotten;
  gone.last_seen = kNow - Seconds(10);
  all.push_back({Table::kTuples, TupleKey{7, 8}.Encode(), gone.Encode()});

  greylist::AutoAllowRecord earned;
  earned.allowed = true;
  earned.passed = 3;
  earned.counted_at = kNow - Seconds(3600);
  earned.last_used = kNow - Seconds(60);
  earned.lost_at = kNow - Seconds(90);
  earned.identity = "client:192.0.2.1";
  all.push_back({Table::kEarned, greylist::AutoAllowKey(9), earned.Encode()});
  earned = {};
  earned.forgotten = true;
  earned.last_used = kNow - Seconds(60);
  all.push_back({Table::kEarned, greylist::AutoAllowKey(10), earned.Encode()});

  entries::Entry entry;
  entry.kind = entries::Kind::kSender;
  entry.action = entries::Action::kAllow;
  entry.all = true;
  entry.key = "a@example.org";
  entry.note = "wait\xe9";
  entry.created = kNow - Seconds(100);
  entry.updated = kNow - Seconds(50);
  entry.expires = kNow + Seconds(50);
  entry.origin = 0x0123456789abcdef;
  all.push_back(
      {Table::kEntries, entries::StoreKey(kKey, entry.kind, entry.key), entries::Encode(entry)});
  entries::Entry tombstone;
  tombstone.kind = entries::Kind::kClient;
  tombstone.forgotten = true;
  tombstone.updated = kNow - Seconds(5);
  ByteWriter key;
  key.U8(1);
  key.U64(77);
  all.push_back({Table::kEntries, key.Take(), entries::Encode(tombstone)});

  all.push_back({Table::kClients, ClientKey(kKey, *FullClient().client), FullClient().Encode()});
  ClientRecord hashed;
  hashed.last_seen = hashed.first_seen = kNow;
  all.push_back({Table::kClients, ClientKey(11), hashed.Encode()});
  return all;
}

std::string Header(const HashKey& key, const Config& config) {
  return TransferHeader::Of(key, config.greylist).ToJson().Dump() + "\n";
}

ImportBatch Read(const std::string& body, const HashKey& key, const Config& config) {
  auto batch = ReadImportBatch(body, key, config, kNow);
  REQUIRE(batch);
  return *std::move(batch);
}

const std::string kTuple =
    R"({"type":"tuple","state":"pending","client":"192.0.2.7","sender":"a@example.org",)"
    R"("recipient":"b@example.net","first_seen":"2026-01-04T23:00:00Z",)"
    R"("last_seen":"2026-01-04T23:00:00Z","tries":1})";

TEST_CASE("every record goes out and comes back byte for byte", "[control]") {
  const Config config = TestConfig();
  for (const Stored& stored : Everything()) {
    const auto line = ExportRecord(stored.table, stored.key, stored.value);
    REQUIRE(line);
    const std::string text = line->Dump();
    CAPTURE(text);
    // As it comes from a file.
    const ImportBatch batch = Read(Header(kKey, config) + text + "\n", kKey, config);
    CHECK(batch.problems.empty());
    REQUIRE(batch.records.size() == 1);
    CHECK(batch.records[0].table == stored.table);
    CHECK(batch.records[0].key == stored.key);
    CHECK(batch.records[0].value == stored.value);
  }
}

TEST_CASE("what cannot be decoded is not exported", "[control]") {
  CHECK_FALSE(ExportRecord(Table::kTuples, "short", FullTuple().Encode()));
  CHECK_FALSE(ExportRecord(Table::kTuples, TupleKey{1, 2}.Encode(), "\x01"));
  CHECK_FALSE(ExportRecord(Table::kEarned, greylist::AutoAllowKey(1), ""));
  CHECK_FALSE(ExportRecord(Table::kEntries, "", ""));
  CHECK_FALSE(ExportRecord(Table::kMeta, "hash-key", "secret"));
}

TEST_CASE("what an organisation has earned comes back from an export", "[control]") {
  greylist::AutoAllowRecord earned;
  earned.allowed = true;
  earned.passed = 3;
  earned.counted_at = earned.last_used = kNow - Seconds(60);
  earned.first_counted = kNow - Seconds(7200);
  earned.first_client = 0xdeadbeef;
  earned.several_clients = true;
  earned.identity = "organisation:example.org";
  const auto line = ExportRecord(Table::kEarned, greylist::AutoAllowKey(9), earned.Encode());
  REQUIRE(line);
  const auto parsed = ParseTransferRecord(*line);
  REQUIRE(parsed);
  CHECK(std::get<TransferAutoAllow>(*parsed).record.Encode() == earned.Encode());
  // A line that others wrote is one of an organisation, too.
  const auto written = ParseTransferRecord(*ParseJson(
      R"({"type":"earned","identity":"organisation:example.org","last_used":"2026-01-05T00:00:00Z"})"));
  REQUIRE(written);
  CHECK(std::get<TransferAutoAllow>(*written).record.first_counted != WallTime());
}

TEST_CASE("under another key records are hashed anew from their addresses", "[control]") {
  const Config config = TestConfig();
  std::string body = Header(kOtherKey, config);
  for (const Stored& stored : Everything()) {
    body += ExportRecord(stored.table, stored.key, stored.value)->Dump() + "\n";
  }
  const ImportBatch batch = Read(body, kKey, config);
  CHECK(batch.lines == 10);
  // Without addresses: a pending tuple, what is folded, three tombstones, and a client.
  CHECK(batch.hashed == 6);
  REQUIRE(batch.records.size() == 4);
  const TupleRecord full = FullTuple();
  const auto key = TupleKey::Decode(batch.records[0].key);
  CHECK(key->addresses == greylist::HashAddresses(kKey,
                                                  NormaliseSender(full.sender, full.recipient),
                                                  CanonicalAddressText(full.recipient)));
  CHECK(key->IsOfNetwork(greylist::HashPrefix(kKey, Prefix(*full.client, 64))));
  CHECK(key->InBucketOf(greylist::TupleKey::SpfBucketOf(key->addresses)));
  // The name is not stored, so its hash means nothing any more.
  CHECK(TupleRecord::Decode(batch.records[0].value)->name_hash == 0);
  CHECK(batch.records[1].key ==
        greylist::AutoAllowKey(greylist::HashPrefix(kKey, Prefix(IpAddress::V4(0xc0000201), 32))));
  CHECK(batch.records[3].key == ClientKey(kKey, *IpAddress::Parse("192.0.2.9")));
}

TEST_CASE("an export of hashes alone is refused under another key", "[control]") {
  Config config = TestConfig();
  config.greylist.privacy = true;
  const auto refused = ReadImportBatch(Header(kOtherKey, config), kKey, config, kNow);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalid);
  CHECK_THAT(refused.error().message, HasText("store.hash_key_file"));
  CHECK(ReadImportBatch(Header(kKey, config), kKey, config, kNow));
}

TEST_CASE("with privacy no addresses are stored", "[control]") {
  Config config = TestConfig();
  config.greylist.privacy = true;
  const ImportBatch batch = Read(kTuple, kKey, config);
  REQUIRE(batch.records.size() == 1);
  const auto record = TupleRecord::Decode(batch.records[0].value);
  CHECK_FALSE(record->client);
  CHECK(record->sender.empty());
  CHECK(record->client_tag != 0);
}

TEST_CASE("a network is good for a tuple where networks are told apart", "[control]") {
  Config config = TestConfig();
  std::string line = kTuple;
  line.replace(line.find("192.0.2.7"), 9, "192.0.2.0/24");
  CHECK(Read(line, kKey, config).records.size() == 1);
  config.greylist.network_v4 = 28;
  CHECK(Read(line, kKey, config).too_wide == 1);
  config.greylist.network_v4 = 24;
  config.greylist.identity_network = false;
  CHECK(Read(line, kKey, config).too_wide == 1);
}

TEST_CASE("what stood for all tuples of a client once counts as expired", "[control]") {
  std::string line = kTuple;
  line.replace(line.find("\"tries\""), 0, "\"folded\":true,");
  CHECK(Read(line, kKey, TestConfig()).expired == 1);
}

TEST_CASE("a line of folded tuples is checked", "[control]") {
  const std::string good =
      R"({"type":"folded","block":3,"hash":"0123456789abcdef","tuples":[{"tag":"0123456789",)"
      R"("first_seen":"2026-01-04T23:00:00Z"}]})";
  const std::string body = Header(kKey, TestConfig());
  CHECK(Read(body + good, kKey, TestConfig()).records.size() == 1);
  const auto [from, to, why] = GENERATE(table<std::string, std::string, std::string>({
      {"3", "300", "block: is not a number from 0 to 255"},
      {"\"hash\":\"0123456789abcdef\",", "", "hash: is missing"},
      {"0123456789\"", "123456789\"", "tuples: tag: must be 10 hexadecimal digits"},
      {"first_seen", "last_seen", "tuples: last_seen: is unknown here"},
      {",\"first_seen\":\"2026-01-04T23:00:00Z\"", "", "tuples: first_seen: is missing"},
      {"[{\"tag\":\"0123456789\",\"first_seen\":\"2026-01-04T23:00:00Z\"}]", "[]",
       "tuples: must be 1 to 248"},
  }));
  std::string line = good;
  line.replace(line.find(from), from.size(), to);
  const ImportBatch batch = Read(body + line, kKey, TestConfig());
  REQUIRE(batch.problems.size() == 1);
  CHECK(batch.problems[0].message == why);
}

TEST_CASE("an allowance is never for a network", "[control]") {
  const std::string line =
      R"({"type":"earned","identity":"client:192.0.2.0/24","allowed":true,"passed":5,)"
      R"("counted_at":"2026-01-04T00:00:00Z","last_used":"2026-01-04T00:00:00Z"})";
  CHECK(Read(line, kKey, TestConfig()).too_wide == 1);
}

TEST_CASE("what is expired or from the future is counted and left out", "[control]") {
  std::string old = kTuple;
  while (old.find("2026-01-04") != std::string::npos) {
    old.replace(old.find("2026-01-04"), 10, "2026-01-01");
  }
  std::string future = kTuple;
  future.replace(future.rfind("2026-01-04"), 10, "2026-01-05");
  const ImportBatch batch = Read(old + "\n" + future + "\n", kKey, TestConfig());
  CHECK(batch.expired == 1);
  CHECK(batch.future == 1);
  CHECK(batch.records.empty());
}

TEST_CASE("a line that is no record is counted, and the first ones are shown", "[control]") {
  std::string body = kTuple + "\n\nnonsense\n{}\n[1]\n{\"type\":\"tuple\"}\n";
  for (int i = 0; i < 20; ++i) body += "{\"type\":\"x\"}\n";
  const ImportBatch batch = Read(body, kKey, TestConfig());
  CHECK(batch.records.size() == 1);
  CHECK(batch.invalid == 24);
  REQUIRE(batch.problems.size() == ImportBatch::kShownProblems);
  CHECK(batch.problems[0].line == 3);
  CHECK(batch.problems[3].line == 6);
}

TEST_CASE("every member of a line is checked", "[control]") {
  struct Row {
    const char* from;
    const char* to;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"\"tries\":1", "\"tries\":65536", "tries: is not a number from 0 to 65535"},
      {"\"tries\":1", "\"tries\":-1", "tries: is not a number"},
      {"\"tries\":1", "\"tries\":1.5", "tries: is not a number"},
      {"\"tries\":1", "\"tires\":1", "tires: is unknown here"},
      {"\"tries\":1", "\"folded\":\"yes\"", "folded: must be true or false"},
      {"\"tries\":1", "\"key\":\"12\"", "key: must be 32 hexadecimal digits"},
      {"\"tries\":1", "\"name_hash\":\"xyz\"", "name_hash: must be 16 hexadecimal digits"},
      {"\"tries\":1", "\"sender_hex\":\"zz\"", "sender_hex: is not hexadecimal text"},
      {"pending", "waiting", "state: must be one of pending, passed, forgotten"},
      {"192.0.2.7", "192.0.2", "client: "},
      {"\"a@example.org\"", "7", "sender: must be a string"},
      {"b@example.net", "", "recipient: is missing"},
      {"2026-01-04T23:00:00Z\",\"last", "2026-01-04 23:00\",\"last", "first_seen: is not a time"},
      {"2026-01-04T23:00:00Z\",\"last", "2026-01-04T23:00:01Z\",\"last",
       "first_seen: is after last_seen"},
      {"2026-01-04T23:00:00Z\",\"last", "1969-01-04T23:00:00Z\",\"last",
       "first_seen: is not a time"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    std::string line = kTuple;
    line.replace(line.find(row.from), std::string_view(row.from).size(), row.to);
    const auto json = ParseJson(line);
    REQUIRE(json);
    const auto parsed = ParseTransferRecord(*json);
    REQUIRE_FALSE(parsed);
    CHECK_THAT(parsed.error().message, HasText(row.why));
  }
}

TEST_CASE("an export of a newer format is refused", "[control]") {
  const auto refused =
      ReadImportBatch(R"({"mxward":"export","format":2})", kKey, TestConfig(), kNow);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, HasText("newer mxward"));
}

TEST_CASE("an import finds what is stored, and tells what became of its records", "[control]") {
  const Config config = TestConfig();
  MergeCounts counts;
  const PlacedRecord placed = Read(kTuple, kKey, config).records.at(0);
  const auto added = MergeRecord(placed, std::nullopt, kNow, config, counts);
  REQUIRE(added);
  CHECK(counts.added == 1);
  CHECK(counts.new_pending.size() == 1);
  CHECK_FALSE(MergeRecord(placed, *added, kNow, config, counts));
  CHECK(counts.kept == 1);
  TupleRecord younger = *TupleRecord::Decode(*added);
  younger.first_seen += Seconds(60);
  younger.last_seen += Seconds(60);
  const auto changed = MergeRecord(placed, younger.Encode(), kNow, config, counts);
  REQUIRE(changed);
  CHECK(counts.changed == 1);
  CHECK(counts.new_pending.size() == 1);
  // What cannot be read counts as none.
  CHECK(MergeRecord(placed, "damaged", kNow, config, counts) == added);
}

}  // namespace
}  // namespace mxward::control
