// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"

#include <tuple>

#include "catch.h"

namespace mxward {
namespace {

// The canonical form, or what is wrong.
std::string Say(const Result<std::string>& result) {
  return result ? *result : "! " + result.error().message;
}

TEST_CASE("the greylisting text is one line that bans nobody", "[config]") {
  std::string text, expected;
  std::tie(text, expected) = GENERATE(table<std::string, std::string>({
      {"Come back in {seconds} s, 100% sure", "Come back in {seconds} s, 100% sure"},
      {"Later, please", "Later, please"},
      {"", "! must not be empty; a bare 451 looks like a dead filter"},
      {"  ", "! must not be empty; a bare 451 looks like a dead filter"},
      {"service UNAVAILABLE, wait",
       "! must not contain \"Service unavailable\": fail2ban would ban legitimate servers that are "
       "only deferred"},
      {"x Client host rejected",
       "! must not contain \"Client host rejected\": fail2ban would ban legitimate servers that "
       "are only deferred"},
      {"one\r\ntwo", "! must be one line; it holds a line break"},
      {"one\ntwo", "! must be one line; it holds a line break"},
      {"sp\xc3\xa4ter", "! must be printable ASCII; character 3 is not"},
      {"a\tb", "! must be printable ASCII; character 2 is not"},
      {"in {minutes}",
       "! has an unknown variable \"{minutes}\"; valid: {client}, {client_name}, {helo}, {sender}, "
       "{recipient}, {contact} and {seconds}"},
      {"in {Seconds}",
       "! has an unknown variable \"{Seconds}\"; valid: {client}, {client_name}, {helo}, {sender}, "
       "{recipient}, {contact} and {seconds}"},
      {"in {}",
       "! has an unknown variable \"{}\"; valid: {client}, {client_name}, {helo}, {sender}, "
       "{recipient}, {contact} and {seconds}"},
      {"in {seconds",
       "! has a brace without its partner; variables are {client}, {client_name}, {helo}, "
       "{sender}, "
       "{recipient}, {contact} and {seconds}"},
      {"in seconds}",
       "! has a brace without its partner; variables are {client}, {client_name}, {helo}, "
       "{sender}, "
       "{recipient}, {contact} and {seconds}"},
  }));
  CHECK(Say(CheckReplyText(text)) == expected);
}

TEST_CASE("the greylisting text has at most 400 characters", "[config]") {
  CHECK(CheckReplyText(std::string(400, 'x')));
  CHECK(Say(CheckReplyText(std::string(401, 'x'))) ==
        "! has 401 characters, at most 400 are allowed");
}

TEST_CASE("recipients are local parts or addresses", "[config]") {
  CHECK(Say(CheckRecipient("Abuse")) == "abuse");
  CHECK(Say(CheckRecipient("A@B.example")) == "a@b.example");
  CHECK(Say(CheckRecipient("")) ==
        "! contains an empty string; the null address cannot be a recipient");
  CHECK(Say(CheckRecipient("<a@b>")) == "! \"<a@b>\": write the address without angle brackets");
  CHECK(Say(CheckRecipient("a b")) == "! \"a b\" is not a valid address");
  CHECK_THAT(Say(CheckRecipient("@example.org")), HasText("write a local part"));
  CHECK_THAT(Say(CheckRecipient("*@example.org")), HasText("recipient = [\"*@example.org\"]"));
  CHECK_THAT(Say(CheckRecipient("/^help/")), HasText("a [[rule]] has"));
  CHECK_THAT(Say(CheckRecipient("a@b.example,c@d.example")), HasText("more than one"));
  CHECK(Say(CheckRecipient("\"a,b\"@b.example")) == "\"a,b\"@b.example");
  CHECK_FALSE(CheckRecipient(std::string(321, 'a')));
}

TEST_CASE("domains are names of at least two labels", "[config]") {
  CHECK(Say(CheckDomain("Example.COM.")) == "example.com");
  CHECK(Say(CheckDomain("xn--bcher-kva.example")) == "xn--bcher-kva.example");
  CHECK(Say(CheckDomain("*.example.com")) ==
        "! \"*.example.com\": write \"example.com\", names below it are meant as well");
  CHECK(Say(CheckDomain(".example.com")) ==
        "! \".example.com\": write \"example.com\", names below it are meant as well");
  CHECK(Say(CheckDomain("b\xc3\xbc.example")) ==
        "! \"b\\xc3\\xbc.example\": write the name in its xn-- form");
  for (const char* bad : {"", ".", "com", "a..b", "-a.example", "a-.example", "a b.example",
                          "a.example..", "a.example/24"}) {
    INFO(bad);
    CHECK_FALSE(CheckDomain(bad));
  }
  CHECK_FALSE(CheckDomain(std::string(64, 'a') + ".example"));
}

TEST_CASE("paths are absolute, and short enough for a socket", "[config]") {
  CHECK(Say(CheckDirectory("/var/lib/mxward")) == "/var/lib/mxward");
  CHECK(Say(CheckDirectory("lib")) ==
        "! must be a whole path that begins with a slash; found \"lib\"");
  CHECK(Say(CheckDirectory("")) == "! must be a whole path that begins with a slash; found \"\"");
  CHECK(Say(CheckDirectory("/a\nb")) == "! \"/a\\x0ab\" holds a control character");
  CHECK(CheckSocketPath("/" + std::string(106, 'a')));
  CHECK(Say(CheckSocketPath("/" + std::string(107, 'a'))) ==
        "! the path of a socket has at most 107 bytes, this one has 108");
  CHECK(Say(CheckSocketPath("/run/")) == "! is a directory; the path of a socket is needed");
}

TEST_CASE("accounts and the contact are plain text", "[config]") {
  CHECK(Say(CheckAccount("")).empty());
  CHECK(Say(CheckAccount("_mx-ward.1")) == "_mx-ward.1");
  CHECK(Say(CheckAccount("a b")) == "! \"a b\" is not a valid user or group name");
  CHECK_FALSE(CheckAccount("root:root"));
  CHECK(Say(CheckContact("")).empty());
  CHECK(Say(CheckContact(" call +49 30 123 ")) == "call +49 30 123");
  CHECK_THAT(Say(CheckContact("r\xc3\xbc")), HasText("character 2 is not"));
  CHECK_FALSE(CheckContact(std::string(101, 'x')));
}

TEST_CASE("where metrics are served is an address with its port", "[config]") {
  const std::string wants =
      " is not an address and a port: write \"127.0.0.1:9118\", \"[::1]:9118\", or for all "
      "addresses \"0.0.0.0:9118\" or \"[::]:9118\"";
  std::string text, expected;
  std::tie(text, expected) = GENERATE_COPY(table<std::string, std::string>({
      {"", ""},
      {"127.0.0.1:9118", "127.0.0.1:9118"},
      {"[::1]:9118", "[::1]:9118"},
      {"[2001:DB8:0::1]:9118", "[2001:db8::1]:9118"},
      {"0.0.0.0:9118", "0.0.0.0:9118"},
      {"[::]:53", "[::]:53"},
      {"127.0.0.1:53", "127.0.0.1:53"},
      {"127.0.0.1", "! \"127.0.0.1\"" + wants},
      {"::1", "! \"::1\"" + wants},
      {"[::1]", "! \"[::1]\"" + wants},
      {":9118", "! \":9118\"" + wants},
      {"*:9118", "! \"*:9118\"" + wants},
      {"9118", "! \"9118\"" + wants},
      {"localhost:9118", "! \"localhost:9118\"" + wants},
      {"127.0.0.1:0", "! \"127.0.0.1:0\"" + wants},
      {"127.0.0.1:65536", "! \"127.0.0.1:65536\"" + wants},
      {"127.0.0.1:9118 ", "! \"127.0.0.1:9118 \"" + wants},
  }));
  CHECK(Say(CheckHttpListen(text)) == expected);
}

}  // namespace
}  // namespace mxward
