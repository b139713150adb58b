// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <utime.h>
#include <zlib.h>

#include "cli/replay/log_file.h"
#include "tests/fake/dns_server.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/replay_fixture.h"

namespace mxward {
namespace {

using Texts = std::vector<std::string>;

std::string Gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::vector<std::string> ReadAll(const std::string& path, std::string* error = nullptr) {
  auto file = cli::LogFile::Open(path);
  REQUIRE(file);
  std::vector<std::string> lines;
  std::string_view line;
  while ((*file)->Next(line)) lines.emplace_back(line);
  if (error != nullptr) *error = (*file)->error();
  return lines;
}

TEST_CASE("logs are read line by line, plain or compressed", "[cli]") {
  const ReplayFixture fixture;
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "line " + std::to_string(i) + "\n";
  text += "\nthe last, without an end";
  fixture.Write("plain", text);
  fixture.Write("packed", Gzip(text));
  for (const char* name : {"plain", "packed"}) {
    const auto lines = ReadAll(fixture.dir.File(name));
    REQUIRE(lines.size() == 100002);
    CHECK(lines[99999] == "line 99999");
    CHECK(lines[100000].empty());
    CHECK(lines[100001] == "the last, without an end");
  }
}

TEST_CASE("of a line that has no end only the beginning is kept", "[cli]") {
  const ReplayFixture fixture;
  fixture.Write("log",
                "first\n" + std::string(5 << 20, 'x') + "\nlast\n" + std::string(70000, 'y'));
  const auto lines = ReadAll(fixture.dir.File("log"));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "first");
  CHECK(lines[1] == std::string(cli::LogFile::kLongestLine, 'x'));
  CHECK(lines[2] == "last");
  CHECK(lines[3].size() == cli::LogFile::kLongestLine);
}

TEST_CASE("a compressed log that is cut off counts as far as it goes", "[cli]") {
  ReplayFixture fixture;
  for (int i = 0; i < 200; ++i) {
    fixture.Taken(i, "mail.example.org[192.0.2.1]", "a" + std::to_string(i) + "@example.org",
                  "b@example.net");
  }
  const std::string packed = Gzip(fixture.log);
  fixture.Write("mail.log.gz", packed.substr(0, packed.size() / 2));
  CHECK(fixture.Run({"replay", fixture.dir.File("mail.log.gz"), "--config", "/dev/null"}) == 2);
  CHECK_THAT(fixture.err, HasText("mail.log.gz: ends in the middle: what was read so far is used"));
  CHECK_THAT(fixture.out, HasText("recipients checked"));
}

TEST_CASE("several logs are one, from the oldest on", "[cli]") {
  ReplayFixture fixture;
  fixture.Taken(0, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
  fixture.Write("mail.log.1.gz", Gzip(fixture.log));
  fixture.log.clear();
  fixture.Taken(3600, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
  CHECK(Reasons(fixture.ReplayJson({fixture.dir.File("mail.log.1.gz")})) ==
        Texts{"accept greylist-passed 0 1", "accept greylist-known 1 0", "defer greylist-new 1 0"});
}

TEST_CASE("what is no log is refused, with what is wrong", "[cli]") {
  ReplayFixture fixture;
  const auto refused = [&fixture](const std::string& path) {
    CHECK(fixture.Run({"replay", path, "--config", "/dev/null"}) == 2);
    CHECK(fixture.out.empty());
    return fixture.err;
  };
  CHECK(refused(fixture.dir.File("none")) ==
        "mxwardctl: " + fixture.dir.File("none") + ": No such file or directory\n");
  CHECK_THAT(refused(fixture.dir.path()), HasText(": a directory, not a file"));
  fixture.Write("empty", "");
  CHECK_THAT(refused(fixture.dir.File("empty")), HasText("contains no syslog line"));
  fixture.Write("text", "hello\nworld\n");
  CHECK_THAT(refused(fixture.dir.File("text")), HasText("contains no syslog line"));
}

TEST_CASE("words of replay that make no sense are refused", "[cli]") {
  ReplayFixture fixture;
  CHECK(fixture.Run({"replay"}) == 64);
  CHECK_THAT(fixture.err, HasText("or --journal"));
  CHECK(fixture.Replay({"--since", "yesterday"}) == 64);
  CHECK(fixture.Replay({"--retry", "5"}) == 64);
  CHECK_THAT(fixture.err, HasText("--retry: "));
  CHECK(fixture.Replay({"--retry", "2d"}) == 64);
  CHECK(fixture.err == "mxwardctl: --retry: must be from 1s to 1d\n");
  CHECK(fixture.Replay({"--year", "06"}) == 64);
  CHECK(fixture.Replay({"--limit", "-1"}) == 64);
  CHECK(fixture.Replay({"-", "-"}) == 64);
  fixture.toml = "[greylist]\ndelay = 5\n";
  CHECK(fixture.Replay() == 2);
  CHECK_THAT(fixture.err, HasText("mxward.toml:2:"));
}

// A journalctl of ours, in a folder that PATH names alone.
class FakeJournal {
 public:
  FakeJournal(const TempDir& dir, const std::string& script) {
    const std::string path = dir.File("journalctl");
    std::ofstream(path) << "#!/bin/sh\n" << script;
    chmod(path.c_str(), 0755);
    before_ = std::getenv("PATH");
    setenv("PATH", (dir.path() + ":" + before_).c_str(), 1);
  }
  ~FakeJournal() { setenv("PATH", before_.c_str(), 1); }
  FakeJournal(const FakeJournal&) = delete;
  FakeJournal& operator=(const FakeJournal&) = delete;

 private:
  std::string before_;
};

TEST_CASE("the journal is read by journalctl", "[cli]") {
  ReplayFixture fixture;
  const std::vector<std::string> words = {"replay",   "--journal", "--since",  "2026-01-05; reboot",
                                          "--config", "/dev/null", "--format", "json"};
  {
    const FakeJournal journal(fixture.dir, "printf '%s\\n' \"$@\" > " + fixture.dir.File("words") +
                                               "\ncat " MXWARD_SOURCE_DIR
                                               "/tests/data/logs/journalctl-export.log\n");
    CHECK(fixture.Run(words) == 0);
    const Json answer = ParseJson(fixture.out).value_or(Json());
    CHECK(answer["sessions"].integer() == 2);
    CHECK(answer["log"]["inputs"].items()[0]["file"].text() == "the journal");
    std::ifstream file(fixture.dir.File("words"));
    std::string given;
    for (std::string word; std::getline(file, word);) given += word + "\n";
    CHECK_THAT(given, HasText("--output=export\n") && HasText("--since=2026-01-05; reboot\n") &&
                          HasText("SYSLOG_FACILITY=2\n"));
  }
  {
    const FakeJournal journal(fixture.dir, "exit 0\n");
    CHECK(fixture.Run(words) == 2);
    CHECK_THAT(fixture.err, HasText("the journal contains no message of a mail server"));
  }
  const FakeJournal journal(
      fixture.dir, "cat " MXWARD_SOURCE_DIR "/tests/data/logs/journalctl-export.log\nexit 1\n");
  CHECK(fixture.Run(words) == 2);
  CHECK_THAT(fixture.err, HasText("the journal: journalctl failed"));
}

TEST_CASE("the year of a log is that of its file, or as told", "[cli]") {
  ReplayFixture fixture;
  fixture.log =
      "Dec 31 23:59:59 mx postfix/smtpd[1]: connect from unknown[198.51.100.7]\n"
      "Jan  1 00:00:01 mx postfix/smtpd[1]: disconnect from unknown[198.51.100.7]\n";
  fixture.Write("mail.log", fixture.log);
  const std::string path = fixture.dir.File("mail.log");
  const utimbuf written{1151625600, 1151625600};  // 2006-06-30
  REQUIRE(utime(path.c_str(), &written) == 0);
  CHECK(fixture.Run({"replay", path, "--config", "/dev/null", "--format", "json"}) == 0);
  CHECK_THAT(fixture.out, HasText("\"from\": \"2005-12-31T") || HasText("\"from\": \"2006-01-01T"));
  CHECK(fixture.Run(
            {"replay", path, "--config", "/dev/null", "--format", "json", "--year", "2019"}) == 0);
  CHECK_THAT(fixture.out,
             HasText("\"until\": \"2020-01-01T") || HasText("\"until\": \"2019-12-31T"));
}

TEST_CASE("with --dns the lists say what they say", "[cli]") {
  // Everything exists, and the list has one client.
  dns::FakeDnsServer server([](const dns::FakeDnsServer::Query& query) {
    const std::string& name = query.reply.name;
    const bool listed = name == "1.2.0.192.bl.example.net" || !name.ends_with("bl.example.net");
    return listed ? dns::manners::Listed(query) : dns::manners::NoName(query);
  });
  ReplayFixture fixture;
  fixture.Taken(0, "mail.example.org[192.0.2.1]", "a@example.org", "b@example.net");
  fixture.toml = "[dns]\nservers = [\"" + server.address() +
                 "\"]\n[[dnsbl]]\nname = \"house\"\nzone = \"bl.example.net\"\n"
                 "codes = { \"127.0.0.2\" = 12 }\n";
  const Json without = fixture.ReplayJson();
  CHECK(Reasons(without) == Texts{"accept not-suspicious 1 0"});
  CHECK_THAT(without["notes"].items()[0].text(),
             HasText("DNS lists and sender domains do not count"));
  CHECK(server.queries() == 0);
  const Json with = fixture.ReplayJson({"--dns"});
  CHECK(Reasons(with) == Texts{"reject score 1 0"});
  CHECK_THAT(with["notes"].items()[0].text(), HasText("those of today"));
  CHECK(server.queries() > 0);
}

TEST_CASE("a replay leaves nothing behind", "[cli]") {
  ReplayFixture fixture;
  fixture.Taken(0, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
  const TempDir temporary;
  setenv("TMPDIR", temporary.path().c_str(), 1);
  CHECK(fixture.Replay() == 0);
  unsetenv("TMPDIR");
  CHECK(std::filesystem::is_empty(temporary.path()));
  setenv("TMPDIR", "/nonexistent", 1);
  CHECK(fixture.Replay() == 2);
  unsetenv("TMPDIR");
  CHECK_THAT(fixture.err,
             HasText("cannot make a directory for the database") && HasText("set TMPDIR"));
}

}  // namespace
}  // namespace mxward
