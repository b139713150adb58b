// SPDX-License-Identifier: Apache-2.0
//
// Databases that mxward 0.1.0 wrote (tests/data/0.1.0), opened by today's: nothing is forgotten.
#include <lmdb.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/text.h"
#include "catch.h"
#include "engine/session.h"
#include "entries/entry.h"
#include "greylist/record.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/temp_dir.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

constexpr WallTime kWritten{Seconds(1796033605)};  // see the README there

std::string DumpOf(const std::string& name) {
#ifdef MXWARD_SOURCE_DIR
  const std::string root = MXWARD_SOURCE_DIR;
#else
  const char* directory = std::getenv("MXWARD_SOURCE_DIR");
  const std::string root = directory == nullptr ? "." : directory;
#endif
  return root + "/tests/data/0.1.0/" + name + ".dump";
}

void Need(int code) {
  if (code != MDB_SUCCESS) throw std::runtime_error(mdb_strerror(code));
}

// What mdb_load(1) does.
void LoadDump(const std::string& dump, const std::string& directory) {
  MDB_env* env = nullptr;
  Need(mdb_env_create(&env));
  Need(mdb_env_set_maxdbs(env, 16));
  Need(mdb_env_open(env, directory.c_str(), 0, 0640));
  MDB_txn* txn = nullptr;
  Need(mdb_txn_begin(env, nullptr, 0, &txn));
  MDB_dbi table = 0;
  std::ifstream file(dump);
  if (!file) throw std::runtime_error(dump + " is missing");
  for (std::string line, key; std::getline(file, line);) {
    if (line.starts_with("database="))
      Need(mdb_dbi_open(txn, line.c_str() + 9, MDB_CREATE, &table));
    if (!line.starts_with(' ')) continue;
    std::string bytes = HexDecode(line.substr(1)).value();
    if (key.empty()) {
      key = std::move(bytes);
      continue;
    }
    MDB_val mdb_key = {key.size(), key.data()};
    MDB_val mdb_value = {bytes.size(), bytes.data()};
    Need(mdb_put(txn, table, &mdb_key, &mdb_value, 0));
    key.clear();
  }
  Need(mdb_txn_commit(txn));
  mdb_env_close(env);
}

// Today's mxward over a database of then, `later` after it was written.
struct Upgraded {
  explicit Upgraded(const std::string& name, Seconds later = Seconds(360)) : clock(kWritten) {
    LoadDump(DumpOf(name), dir.path());
    clock.Advance(later);
    auto opened = store::Environment::Open(
        {.path = dir.path(), .map_size = 16 << 20, .map_size_max = 64 << 20});
    if (!opened) throw std::runtime_error(opened.error().message);
    environment = *std::move(opened);
    writer = std::make_unique<store::InlineWriter>(*environment);
    Config config = TestConfig();
    config.greylist.privacy = name == "privacy";
    config.greylist.auto_allow_after = 1;
    engine = std::make_unique<Engine>(Engine::Services{clock, *environment, *writer, log},
                                      Shared(config));
    if (auto loaded = engine->Load(); !loaded) throw std::runtime_error(loaded.error().message);
  }

  // What is answered, and why.
  std::string Try(const std::string& client, const std::string& sender,
                  const std::string& recipient) {
    Session session(*engine);
    SessionFacts facts;
    facts.client = IpAddress::Parse(client);
    session.Connect(facts);
    session.Mail({sender, "", ""});
    Decision decision;
    session.Recipient(recipient, "", &decision);
    return std::string(WordOf(decision.reason));
  }
  std::uint64_t Count(store::Table table) { return environment->Read()->Count(table).value(); }

  TempDir dir;
  FakeClock clock;
  MemoryLog log;
  std::unique_ptr<store::Environment> environment;
  std::unique_ptr<store::InlineWriter> writer;
  std::unique_ptr<Engine> engine;
};

struct OldTuple {
  std::string client, sender, recipient;
};

// As tests/data/0.1.0/make_databases.py tried them.
const std::vector<OldTuple>& Waiting() {
  static const std::vector<OldTuple> all = {
      {"192.0.2.1", "a@example.org", "b@rcpt.example"},
      {"192.0.2.2", "List-1234@Example.ORG.", "\"Bob\"@Rcpt.example"},
      {"192.0.2.3",
       "a@b\xc3\xbc"
       "cher.example",
       "chef@B\xc3\x9c"
       "CHER.example"},
      {"192.0.2.4", "a@example.org", "\"john\\ doe\"@rcpt.example"},
      {"192.0.2.5", "mu\xcc\x88ller@example.org", "jo\\hn@rcpt.example"},
      {"64:ff9b::198.51.100.7", "a@example.org", "b@rcpt.example"},
      {"2001:db8:5:6::1", "a@example.org", "b@rcpt.example"}};
  return all;
}

}  // namespace

TEST_CASE("what waited under 0.1.0 passes at its retry", "[engine]") {
  const std::string name = GENERATE(as<std::string>(), "plain", "privacy");
  CAPTURE(name);
  Upgraded upgraded(name);
  const std::uint64_t before = upgraded.Count(store::Table::kTuples);
  for (const OldTuple& tuple : Waiting()) {
    CAPTURE(tuple.client, tuple.recipient);
    CHECK(upgraded.Try(tuple.client, tuple.sender, tuple.recipient) == "greylist-passed");
  }
  // The records have moved: none is there twice.
  CHECK(upgraded.Count(store::Table::kTuples) == before);
  // From now on they are known by any spelling.
  CHECK(upgraded.Try("192.0.2.3", "a@xn--bcher-kva.example", "chef@xn--bcher-kva.example") ==
        "greylist-known");
  CHECK(upgraded.Try("192.0.2.4", "a@example.org", "\"john doe\"@rcpt.example") ==
        "greylist-known");
  CHECK(upgraded.Try("192.0.2.5", "m\xc3\xbcller@example.org", "john@rcpt.example") ==
        "greylist-known");
  CHECK(upgraded.Try("198.51.100.7", "a@example.org", "b@rcpt.example") == "greylist-known");
}

TEST_CASE("what waited under 0.1.0 still waits its time", "[engine]") {
  const std::string name = GENERATE(as<std::string>(), "plain", "privacy");
  Upgraded upgraded(name, Seconds(60));
  for (const OldTuple& tuple : Waiting()) {
    CAPTURE(name, tuple.client, tuple.recipient);
    CHECK(upgraded.Try(tuple.client, tuple.sender, tuple.recipient) == "greylist-early");
  }
  // What began is as old as it was.
  upgraded.clock.Advance(Seconds(245));
  for (const OldTuple& tuple : Waiting()) {
    CAPTURE(name, tuple.client, tuple.recipient);
    CHECK(upgraded.Try(tuple.client, tuple.sender, tuple.recipient) == "greylist-passed");
  }
}

TEST_CASE("what 0.1.0 knew is known, and its allowances hold", "[engine]") {
  const std::string name = GENERATE(as<std::string>(), "plain", "privacy");
  CAPTURE(name);
  Upgraded upgraded(name, Seconds(86400));
  CHECK(upgraded.Try("198.51.100.1", "a@example.org", "known@rcpt.example") == "greylist-known");
  CHECK(upgraded.Try("198.51.100.2",
                     "a@b\xc3\xbc"
                     "cher.example",
                     "Known@b\xc3\xbc"
                     "cher.example") == "greylist-known");
  CHECK(upgraded.Try("2001:db8:1:2::9", "a@example.org", "known@rcpt.example") == "greylist-known");
  for (const std::string client : {"198.51.100.1", "198.51.100.2", "2001:db8:1:2::77"}) {
    CAPTURE(client);
    CHECK(upgraded.Try(client, "new@example.org", "new@rcpt.example") == "greylist-auto-allowed");
  }
  CHECK(upgraded.Try("198.51.100.3", "new@example.org", "new2@rcpt.example") == "greylist-new");
}

TEST_CASE("entries of 0.1.0 hold, in any spelling", "[engine]") {
  const std::string name = GENERATE(as<std::string>(), "plain", "privacy");
  CAPTURE(name);
  Upgraded upgraded(name);
  const std::uint64_t before = upgraded.Count(store::Table::kEntries);
  CHECK(before == 5);
  CHECK(upgraded.Try("203.0.113.1", "a@example.org", "b@rcpt.example") == "allowed");
  for (const std::string domain : {"bl\xc3\xbcte.example", "BL\xc3\x9cTE.example",
                                   "xn--blte-1ra.example", "mail.blu\xcc\x88te.example"}) {
    CAPTURE(domain);
    CHECK(upgraded.Try("192.0.2.99", "a@" + domain, "b@rcpt.example") == "blocked");
  }
  for (const std::string recipient : {"open@b\xc3\xbc"
                                      "cher.example",
                                      "open@xn--bcher-kva.example"}) {
    CAPTURE(recipient);
    CHECK(upgraded.Try("192.0.2.99", "a@example.org", recipient) == "allowed");
  }
  CHECK(upgraded.Try("192.0.2.99", "\"x\\ y\"@example.org", "b@rcpt.example") == "blocked");
  CHECK(upgraded.Try("203.0.113.2", "a@example.org", "b@rcpt.example") == "blocked");
  CHECK(upgraded.Try("64:ff9b::203.0.113.2", "a@example.org", "b@rcpt.example") == "blocked");
}

TEST_CASE("the history that 0.1.0 kept is there", "[engine]") {
  const std::string name = GENERATE(as<std::string>(), "plain", "privacy");
  CAPTURE(name);
  Upgraded upgraded(name);
  for (const std::string client : {"198.51.100.1", "198.51.100.2", "2001:db8:1:2::5"}) {
    CAPTURE(client);
    const auto record = upgraded.engine->history().Get(*IpAddress::Parse(client));
    REQUIRE(record);
    REQUIRE(*record);
    CHECK((*record)->first_seen <= kWritten);
    CHECK((*record)->passed == 1);
    CHECK((*record)->deferred == 1);
  }
}

}  // namespace mxward
