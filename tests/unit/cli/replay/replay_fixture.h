// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "base/units.h"
#include "control/json.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {

// A log of Postfix, written line by line at times of one day, and what replay makes of it.
class ReplayFixture : public CommandFixture {
 public:
  static constexpr WallTime kBegin{Seconds(1767607200)};  // 2026-01-05T10:00:00Z

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(dir.File(name), std::ios::binary) << text;
  }
  ReplayFixture& Say(int seconds, const std::string& program, const std::string& text) {
    std::string time = FormatTime(kBegin + Seconds(seconds));
    log += time + " mx " + program + ": " + text + "\n";
    return *this;
  }
  // A message that the server took; client: "name[address]".
  ReplayFixture& Taken(int seconds, const std::string& client, const std::string& sender,
                       const std::string& recipient, const std::string& login = "",
                       bool tls = false) {
    const std::string id = "4F2C1A0" + std::to_string(100 + ++messages);
    const std::string smtpd = "postfix/smtpd[" + std::to_string(messages) + "]";
    Say(seconds, smtpd, "connect from " + client);
    if (tls) {
      Say(seconds, smtpd,
          "Anonymous TLS connection established from " + client + ": TLSv1.3 with cipher x");
    }
    Say(seconds, smtpd, id + ": client=" + client + login);
    Say(seconds, "postfix/qmgr[9]", id + ": from=<" + sender + ">, size=1, nrcpt=1 (queue active)");
    Say(seconds, "postfix/lmtp[8]",
        id + ": to=<" + recipient + ">, relay=x, delay=1, dsn=2.0.0, status=sent (ok)");
    Say(seconds, "postfix/qmgr[9]", id + ": removed");
    return Say(seconds, smtpd, "disconnect from " + client);
  }
  // A recipient that it did not take: "reject", "milter-reject".
  ReplayFixture& Refused(int seconds, const std::string& client, const std::string& action,
                         const std::string& reply, const std::string& sender,
                         const std::string& recipient) {
    const std::string smtpd = "postfix/smtpd[" + std::to_string(++messages) + "]";
    Say(seconds, smtpd, "connect from " + client);
    Say(seconds, smtpd,
        "NOQUEUE: " + action + ": RCPT from " + client + ": " + reply + "; from=<" + sender +
            "> to=<" + recipient + "> proto=ESMTP helo=<h.example.org>");
    return Say(seconds, smtpd, "disconnect from " + client);
  }

  // Replays what was written; more: options. The configuration is toml.
  int Replay(std::vector<std::string> more = {}) {
    Write("mail.log", log);
    Write("mxward.toml", toml);
    std::vector<std::string> words = {"replay", dir.File("mail.log"), "--config",
                                      dir.File("mxward.toml")};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  Json ReplayJson(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--format", "json"});
    Replay(std::move(more));
    return ParseJson(out).value_or(Json());
  }

  TempDir dir;
  std::string log;
  std::string toml;
  int messages = 0;
};

// Of the reasons in an answer: "defer greylist-new 3 0".
inline std::vector<std::string> Reasons(const Json& answer) {
  std::vector<std::string> reasons;
  for (const Json& item : answer["reasons"].items()) {
    reasons.push_back(item["action"].text() + " " + item["reason"].text() + " " +
                      std::to_string(item["tries"].integer()) + " " +
                      std::to_string(item["retries"].integer()));
  }
  return reasons;
}

}  // namespace mxward
