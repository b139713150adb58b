// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/probe.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "cli/probe/milter_wire.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

// A milter on a unix socket that answers RCPT as the test says, and shows what it was told.
class ScriptedMilter {
 public:
  explicit ScriptedMilter(std::vector<std::string> rcpt_replies, std::string end_reply = "")
      : replies_(std::move(rcpt_replies)),
        end_(std::move(end_reply)),
        path_(dir_.File("milter.sock")),
        listener_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 4) == 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedMilter() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string address() const { return "unix:" + path_; }
  // The packets' commands and data with NULs as '|'. REQUIRES: the client is gone
  std::string told() {
    while (open_) std::this_thread::sleep_for(Millis(1));
    return told_;
  }

 private:
  void Serve() {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      open_ = true;
      MilterParser parser;
      char bytes[4096];
      for (ssize_t size = 0; (size = read(fd, bytes, sizeof bytes)) > 0;) {
        parser.Feed({bytes, static_cast<std::size_t>(size)});
        for (auto packet = parser.Next(); packet && *packet; packet = parser.Next()) {
          Reply(fd, **packet);
        }
      }
      close(fd);
      open_ = false;
    }
  }

  void Reply(int fd, const MilterPacket& packet) {
    std::string line(1, packet.command);
    line += packet.data;
    std::replace(line.begin(), line.end(), '\0', '|');
    if (packet.command != 'O') told_ += line + "\n";
    std::string out;
    if (packet.command == 'O') {
      // Version 6, no actions; no answer to CONNECT, HELO and MAIL, and DATA is not wanted.
      AppendPacket(out, 'O', std::string("\0\0\0\6\0\0\0\0\0\0\x72\0", 12));
    } else if (packet.command == 'R' || packet.command == 'E') {
      const std::string reply =
          packet.command == 'E' ? end_ : replies_[std::min(next_++, replies_.size() - 1)];
      if (reply.empty()) {
        AppendPacket(out, 'c', "");
      } else {
        AppendPacket(out, 'y', reply + '\0');
      }
    }
    (void)send(fd, out.data(), out.size(), MSG_NOSIGNAL);
  }

  std::vector<std::string> replies_;
  std::size_t next_ = 0;
  std::string end_;
  std::string told_;
  std::atomic<bool> open_ = false;
  TempDir dir_;
  std::string path_;
  int listener_;
  std::thread thread_;
};

const std::string kDeferral = "451 4.7.1 Greylisted, please try again in 240 seconds";

std::vector<std::string> ProbeWords(const ScriptedMilter& milter,
                                    const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"probe",           "--listen",  milter.address(),
                                    "--client",        "192.0.2.1", "--from",
                                    "<a@example.org>", "--to",      "b@example.net"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_CASE("a probe shows the dialogue and what became of it", "[cli]") {
  ScriptedMilter milter({kDeferral});
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter, {"--name", "mail.example.org"})) == 1);
  CHECK(fixture.out ==
        "> CONNECT mail.example.org[192.0.2.1]\n"
        "  (sent; no answer at this stage)\n"
        "> HELO mail.example.org\n"
        "  (sent; no answer at this stage)\n"
        "> MAIL FROM:<a@example.org>\n"
        "  (sent; no answer at this stage)\n"
        "> RCPT TO:<b@example.net>\n"
        "< 451 4.7.1 Greylisted, please try again in 240 seconds\n"
        "deferred: b@example.net\n");
  const std::string told = milter.told();
  CHECK_THAT(told, HasText("Cmail.example.org|4"));
  CHECK_THAT(told, HasText("@192.0.2.1|"));
  CHECK_THAT(told, HasText("\nM<a@example.org>|\n"));
  CHECK_THAT(told, Catch::Matchers::EndsWith("\nA\nQ\n"));
}

TEST_CASE("a probe without a name claims none", "[cli]") {
  ScriptedMilter milter({""});
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter)) == 0);
  CHECK_THAT(fixture.out, HasText("> CONNECT unknown[192.0.2.1]\n"));
  CHECK_THAT(fixture.out, HasText("> HELO [192.0.2.1]\n"));
  CHECK_THAT(fixture.out, HasText("< continue\n"));
  CHECK_THAT(fixture.out, HasText("> DATA\n  (not sent: the milter does not ask for it)\n"
                                  "> END-OF-MESSAGE\n< continue\n"));
  CHECK_THAT(fixture.out, Catch::Matchers::EndsWith("accepted: b@example.net\n"));
}

TEST_CASE("a deferral at the end of the message holds for all who had passed", "[cli]") {
  ScriptedMilter milter({"", "550 5.7.1 Blocked"}, kDeferral);
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter, {"--to", "c@example.net"})) == 1);
  CHECK_THAT(fixture.out, HasText("> END-OF-MESSAGE\n< " + kDeferral + "\n"));
  CHECK_THAT(fixture.out, Catch::Matchers::EndsWith("deferred: b@example.net\n"
                                                    "rejected: c@example.net\n"));
}

TEST_CASE("a probe waits as it is told and tries again once", "[cli]") {
  ScriptedMilter milter({kDeferral, ""});
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter, {"--wait"})) == 0);
  CHECK(fixture.slept == Seconds(241));
  CHECK_THAT(fixture.err, HasText("waiting 4 min 1 s before the next try"));
  CHECK_THAT(fixture.out, HasText("deferred: b@example.net\n> CONNECT"));
  CHECK_THAT(fixture.out, Catch::Matchers::EndsWith("accepted: b@example.net\n"));
}

TEST_CASE("a rejection is not waited for", "[cli]") {
  ScriptedMilter milter({"550 5.7.1 Blocked for 99 years"});
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter, {"--wait"})) == 1);
  CHECK(fixture.slept == Seconds(0));
  CHECK_THAT(fixture.out, HasText("rejected: b@example.net\n"));
}

TEST_CASE("a probe in JSON has each recipient's answer", "[cli]") {
  ScriptedMilter milter({kDeferral, ""});
  CommandFixture fixture;
  CHECK(fixture.Run(ProbeWords(milter, {"--to", "c@example.net", "--format", "json"})) == 1);
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK_FALSE((*json)["accepted"].boolean());
  const Json& attempt = (*json)["attempts"].items().front();
  REQUIRE(attempt["recipients"].items().size() == 2);
  CHECK(attempt["recipients"].items()[0]["action"].text() == "defer");
  CHECK(attempt["recipients"].items()[0]["reply"].text() == kDeferral);
  CHECK(attempt["recipients"].items()[1]["action"].text() == "accept");
  CHECK(attempt["dialogue"].items().size() == 7);
}

TEST_CASE("a probe that cannot be made is trouble, or a usage error", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"probe", "--client", "192.0.2.1", "--from", "a@b", "--to", "c@d", "--listen",
                     "unix:/nonexistent/milter.sock"}) == 2);
  CHECK_THAT(fixture.err, HasText("/nonexistent/milter.sock"));
  CHECK(fixture.Run({"probe", "--client", "192.0.2.1", "--from", "a@b", "--to", "c@d", "--listen",
                     "fd:3"}) == 2);
  CHECK(fixture.Run({"probe"}) == 64);
  CHECK(fixture.Run({"probe", "--client", "x", "--from", "a@b", "--to", "c@d"}) == 64);
  CHECK(fixture.Run({"probe", "--client", "192.0.2.1", "--from", "a@b", "--to", "<>"}) == 64);
}

TEST_CASE("the time to wait is found in the words of a deferral", "[cli]") {
  CHECK(cli::SecondsIn("Greylisted, please try again in 240 seconds") == 240);
  CHECK(cli::SecondsIn("see https://example.org/2 and wait 300s") == 300);
  CHECK_FALSE(cli::SecondsIn("later"));
  CHECK_FALSE(cli::SecondsIn(""));
}

}  // namespace
}  // namespace mxward
