// SPDX-License-Identifier: Apache-2.0
//
// The forms of logs, on the samples in tests/data/logs: the same two sessions in each.
#include "cli/replay/log_format.h"

#include <bzlib.h>
#include <lzma.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/units.h"
#include "cli/replay/log_file.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/replay_fixture.h"
#include "tests/unit/cli/replay/time_zone.h"

namespace mxward {
namespace {

using cli::maillog::Line;
using cli::maillog::LineReader;

const std::filesystem::path kSamples = std::string(MXWARD_SOURCE_DIR) + "/tests/data/logs";

std::string Sample(const std::string& name) {
  std::ifstream file(kSamples / (name + ".log"), std::ios::binary);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::map<std::string, std::string>& Formats() {
  const std::string rfc3164 = "syslog (RFC 3164)";
  const std::string iso = "syslog with ISO 8601 times";
  static const std::map<std::string, std::string> formats = {
      {"rfc3164", rfc3164},
      {"rfc3164-priority", rfc3164},
      {"rfc3164-year", rfc3164},
      {"rfc5424", "RFC 5424"},
      {"rfc5424-no-priority", "RFC 5424"},
      {"rfc5424-data", "RFC 5424"},
      {"rfc5424-octets", "RFC 5424"},
      {"rsyslog-iso", iso},
      {"journalctl-short", rfc3164},
      {"journalctl-short-precise", rfc3164},
      {"journalctl-short-iso", iso},
      {"journalctl-short-iso-precise", iso},
      {"journalctl-short-full", "journalctl -o short-full"},
      {"journalctl-short-full-german", "journalctl -o short-full"},
      {"journalctl-short-unix", "journalctl -o short-unix"},
      {"journalctl-short-german", rfc3164},
      {"journalctl-short-french", rfc3164},
      {"journalctl-short-russian", rfc3164},
      {"journalctl-short-greek", rfc3164},
      {"journalctl-short-japanese", rfc3164},
      {"journalctl-short-turkish", rfc3164},
      {"journalctl-short-czech", rfc3164},
      {"journalctl-no-hostname", rfc3164 + ", without host names"},
      {"journalctl-json", "journalctl -o json"},
      {"journalctl-json-sse", "journalctl -o json"},
      {"journalctl-json-seq", "journalctl -o json"},
      {"journalctl-export", "journalctl -o export"},
      {"busybox", rfc3164 + ", busybox"},
      {"busybox-small", rfc3164 + ", without host names"},
      {"freebsd-v", rfc3164 + ", FreeBSD syslogd -v"},
      {"macos", rfc3164 + ", macOS"},
      {"solaris", rfc3164},
      {"appliance", rfc3164},
      {"appliance-number", rfc3164},
      {"docker-logs-t", "docker logs -t, " + rfc3164},
      {"docker-logs-t-iso", "docker logs -t, " + iso},
      {"docker-json-file", "Docker json-file, " + rfc3164},
      {"docker-json-file-bare", "Docker json-file, without host names"},
      {"compose", "Docker Compose, " + rfc3164},
      {"compose-t", "Docker Compose, docker logs -t, " + rfc3164},
      {"compose-colors", "Docker Compose, " + rfc3164},
      {"cri", "CRI, " + rfc3164},
      {"cri-bare", "CRI, without host names"},
      {"kubectl-prefix", "kubectl --prefix, " + rfc3164},
      {"recorded-rsyslog-traditional", rfc3164},
      {"recorded-rsyslog-file", iso},
      {"recorded-rsyslog-protocol23", "RFC 5424"},
      {"recorded-syslog-ng", rfc3164},
      {"recorded-syslog-ng-iso", iso},
      {"recorded-syslog-ng-protocol", "RFC 5424"},
      {"recorded-busybox", rfc3164 + ", busybox"},
      {"recorded-busybox-small", rfc3164 + ", without host names"},
      {"recorded-journalctl-short", rfc3164},
      {"recorded-journalctl-short-precise", rfc3164},
      {"recorded-journalctl-short-iso", iso},
      {"recorded-journalctl-short-iso-precise", iso},
      {"recorded-journalctl-short-full", "journalctl -o short-full"},
      {"recorded-journalctl-short-unix", "journalctl -o short-unix"},
      {"recorded-journalctl-json", "journalctl -o json"},
      {"recorded-journalctl-export", "journalctl -o export"},
      {"kubectl-timestamps", "kubectl --prefix, docker logs -t, " + iso},
  };
  return formats;
}

TEST_CASE("each form of log gives the same sessions", "[cli]") {
  const TimeZone zone("UTC");
  for (const auto& [name, format] : Formats()) {
    CAPTURE(name);
    ReplayFixture fixture;
    fixture.log = Sample(name);
    const Json answer = fixture.ReplayJson({"--year", "2026"});
    CHECK(fixture.err.empty());
    CHECK(answer["sessions"].integer() == 2);
    CHECK(answer["messages"].integer() == 2);
    CHECK(answer["not_judged"]["refused_recipients"].integer() == 1);
    CHECK(answer["tries"]["total"].integer() == 1);
    CHECK(answer["clients"]["with_tls"].integer() == 1);
    CHECK(answer["log"]["not_syslog"].integer() == 0);
    CHECK(answer["log"]["mail_server_lines"].integer() == 11);
    CHECK(answer["log"]["from"].text() == "2026-01-05T10:00:00Z");
    CHECK(answer["log"]["until"].text() == "2026-01-05T10:01:02Z");
    const auto& inputs = answer["log"]["inputs"].items();
    REQUIRE(inputs.size() == 1);
    CHECK(inputs[0]["format"].text() == format);
    CHECK(inputs[0]["sessions"].integer() == 2);
  }
}

TEST_CASE("each sample of a log is tried", "[cli]") {
  std::set<std::string> samples;
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    if (entry.path().extension() == ".log") samples.insert(entry.path().stem());
  }
  std::set<std::string> tried;
  for (const auto& [name, format] : Formats()) tried.insert(name);
  CHECK(samples == tried);
}

TEST_CASE("files of several forms are one log", "[cli]") {
  const TimeZone zone("UTC");
  ReplayFixture fixture;
  fixture.log = Sample("rfc5424");
  fixture.Write("more.log", Sample("journalctl-export") + Sample("busybox"));
  const Json answer = fixture.ReplayJson({fixture.dir.File("more.log"), "--year", "2026"});
  CHECK(answer["sessions"].integer() == 6);
  CHECK(answer["log"]["inputs"].items()[1]["format"].text() ==
        "journalctl -o export; syslog (RFC 3164), busybox");
  CHECK(fixture.Replay({fixture.dir.File("more.log"), "--year", "2026"}) == 0);
  CHECK_THAT(fixture.out, HasText("\n  form of mail.log") && HasText("RFC 5424\n"));
}

TEST_CASE("a mail server's log without a session is told loudly", "[cli]") {
  ReplayFixture fixture;
  for (int i = 0; i < 999; ++i) fixture.Say(i, "postfix/smtpd[1]", "something: else");
  CHECK(fixture.Replay() == 0);
  CHECK(fixture.err.empty());
  fixture.Say(999, "postfix/smtpd[1]", "something: else");
  CHECK(fixture.Replay() == 2);
  CHECK_THAT(fixture.err, HasText("mail.log: 1000 lines of a mail server, and not one session") &&
                              HasText("syslog with ISO 8601 times"));
}

TEST_CASE("what has no dates is refused with what to do", "[cli]") {
  ReplayFixture fixture;
  fixture.log = "[ 1234.567890] mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n";
  CHECK(fixture.Replay() == 2);
  CHECK_THAT(fixture.err, HasText("short-monotonic") && HasText("use -o short-iso"));
  fixture.log = "hello\n";
  CHECK(fixture.Replay() == 2);
  CHECK_THAT(fixture.err, HasText("mxwardctl replay --journal"));
}

TEST_CASE("a quiet weekend costs no message", "[cli]") {
  ReplayFixture fixture;
  fixture.Taken(0, "mail.example.org[192.0.2.1]", "a@example.org", "b@example.net");
  fixture.Taken(3 * 86400, "mail.example.com[192.0.2.2]", "a@example.com", "b@example.net");
  fixture.Taken(9 * 86400, "mail.example.edu[192.0.2.3]", "a@example.edu", "b@example.net");
  const Json answer = fixture.ReplayJson();
  CHECK(answer["log"]["astray"].integer() == 0);
  CHECK(answer["sessions"].integer() == 3);
  CHECK(answer["messages"].integer() == 3);
  // Nor does a single line after it that nothing follows.
  fixture.Say(20 * 86400, "postfix/smtpd[9]", "connect from unknown[192.0.2.4]");
  CHECK(fixture.ReplayJson()["sessions"].integer() == 4);
  // A broken line is still left out.
  fixture.Say(20 * 86400 + 1, "postfix/smtpd[9]",
              "lost connection after CONNECT from unknown[192.0.2.4]");
  fixture.log +=
      "2099-01-01T00:00:00Z mx postfix/smtpd[9]: connect from unknown[192.0.2.5]\n"
      "2026-01-26T00:00:00Z mx postfix/smtpd[9]: connect from unknown[192.0.2.6]\n";
  const Json broken = fixture.ReplayJson();
  CHECK(broken["log"]["astray"].integer() == 1);
  CHECK(broken["sessions"].integer() == 5);
}

std::string ReadOne(LineReader& reader, std::string_view text) {
  Line line;
  switch (reader.Read(text, line)) {
    case LineReader::Took::kPart:
      return "part";
    case LineReader::Took::kOther:
      return "other";
    case LineReader::Took::kLine:
      break;
  }
  return FormatTime(line.time) + "|" + std::string(line.host) + "|" + std::string(line.program) +
         "|" + std::to_string(line.pid) + "|" + std::string(line.text);
}

TEST_CASE("a line is taken apart", "[cli]") {
  const TimeZone zone("UTC");
  LineReader reader;
  reader.BeginFile(WallTime(Seconds(1795687200)));  // 2026-11-26T10:00:00Z
  CHECK(
      ReadOne(reader, "2026-11-26T10:00:00Z mx1 postfix/submission/smtpd[4711]: connect: x\r\n") ==
      "2026-11-26T10:00:00Z|mx1|postfix/submission/smtpd|4711|connect: x");
  CHECK(ReadOne(reader, "2026-11-26T10:00:00Z mx1 kernel: eth0: up") ==
        "2026-11-26T10:00:00Z|mx1|kernel|0|eth0: up");
  CHECK(ReadOne(reader, "<22>1 2026-11-26T10:00:00Z - app - - - ") ==
        "2026-11-26T10:00:00Z||app|0|");
  CHECK(ReadOne(reader, "Okt 26 10:00:00 mx1 postfix/smtpd[1]: x") ==
        "2026-10-26T10:00:00Z|mx1|postfix/smtpd|1|x");
  CHECK(ReadOne(reader, "-- Boot 0123456789 --") == "part");
  for (const char* text :
       {"hello", "2026-11-26T10:00:00Z ", "2026-11-26T10:00:00Z mx", "{\"log\":\"", "{",
        "{\"MESSAGE\":\"x\"}", "2026-11-26T10:00:00Z mx text",
        "2026-11-26T10:00:00Z mx last message repeated 2 times", "2026-11-26T10:00:00Z mx : text",
        "2026-11-26T10:00:00Z mx a b: text", "2026-11-26T10:00:00Z mx a]: text",
        "<22>1 2026-11-26T10:00:00Z mx app 1 - [x a=\"unclosed", "\x1b[31m", "x  | "}) {
    CAPTURE(text);
    CHECK(ReadOne(reader, text) == "other");
  }
}

TEST_CASE("fields of the journal that are too long or cut off do no harm", "[cli]") {
  LineReader reader;
  reader.BeginFile(WallTime(Seconds(1795687200)));
  for (const char* text : {"__CURSOR=x", "MESSAGE", "\xff\xff\xff\xff\xff\xff\xff\xff", ""}) {
    CHECK(ReadOne(reader, text) == "part");
  }
  CHECK(ReadOne(reader, "2026-11-26T10:00:00Z mx app: x") == "2026-11-26T10:00:00Z|mx|app|0|x");
  // An entry that is no message.
  for (const char* text : {"__REALTIME_TIMESTAMP=1795687200000000", "_COMM=cron", ""}) {
    CHECK(ReadOne(reader, text) == "part");
  }
}

std::string Bzip2(const std::string& text) {
  std::string packed(text.size() + 1000, '\0');
  auto size = static_cast<unsigned>(packed.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(packed.data(), &size, const_cast<char*>(text.data()),
                                   static_cast<unsigned>(text.size()), 9, 0, 0) == BZ_OK);
  packed.resize(size);
  return packed;
}

std::string Xz(const std::string& text) {
  std::string packed(text.size() + 1000, '\0');
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, nullptr,
                                  reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                  reinterpret_cast<std::uint8_t*>(packed.data()), &size,
                                  packed.size()) == LZMA_OK);
  packed.resize(size);
  return packed;
}

std::string Zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

TEST_CASE("logs that bzip2, xz and zstd compressed are read", "[cli]") {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "line " + std::to_string(i) + "\n";
  const TempDir dir;
  for (const auto& pack : {&Bzip2, &Xz, &Zstd}) {
    const std::string packed = pack(text);
    const auto lines = [&](const std::string& bytes, std::string& error) {
      std::ofstream(dir.File("packed"), std::ios::binary) << bytes;
      const auto file = cli::LogFile::Open(dir.File("packed"));
      REQUIRE(file);
      int count = 0;
      std::string_view line;
      std::string last;
      while ((*file)->Next(line)) {
        last = line;
        ++count;
      }
      error = (*file)->error();
      return std::to_string(count) + " " + last;
    };
    std::string error;
    CHECK(lines(packed, error) == "60000 line 59999");
    CHECK(error.empty());
    // Two in a row, with the padding of xz between them.
    CHECK(lines(packed + std::string(8, '\0') + packed, error) == "120000 line 59999");
    CHECK(error.empty());
    lines(packed.substr(0, packed.size() - 5), error);
    CHECK_THAT(error, HasText("ends in the middle"));
    std::string broken = packed;
    for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 40; ++i) broken[i] = 'x';
    lines(broken, error);
    // zstd writes no checksum unless it is told to.
    CHECK((pack == &Zstd || !error.empty()));
  }
}

}  // namespace
}  // namespace mxward
