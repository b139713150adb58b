// SPDX-License-Identifier: Apache-2.0
#include "greylist/sender.h"

#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct SenderRow {
  std::string sender;
  const char* expected;
  const char* why;
};

void CheckAll(const std::vector<SenderRow>& rows,
              std::string_view recipient = "rcpt@here.example") {
  for (const SenderRow& row : rows) {
    CAPTURE(row.sender, row.why);
    const std::string normal = NormaliseSender(row.sender, recipient);
    CHECK(normal == row.expected);
    // What needs quotes is not an address without them.
    if (normal.find('"') == std::string::npos) CHECK(NormaliseSender(normal, recipient) == normal);
  }
}

TEST_CASE("a sender's key is its address in one spelling", "[greylist]") {
  CheckAll({
      {"user@example.org", "user@example.org", "an ordinary address stays"},
      {"User@EXAMPLE.Org", "user@example.org", "case"},
      {"<user@example.org>", "user@example.org", "angle brackets"},
      {" <user@example.org> \r\n", "user@example.org", "blanks around it"},
      {"user@example.org.", "user@example.org", "a trailing dot"},
      {"<@a.example,@b.example:user@example.org>", "user@example.org", "a source route"},
      {"\"user\"@example.org", "user@example.org", "quotes that are not needed"},
      {"\"john doe\"@example.org", "john doe@example.org", "quotes that are"},
      {"\"john\\ \\\"d\\\" doe\"@example.org", "john \"d\" doe@example.org", "escapes in them"},
      {"\"a@b\"@example.org", "a@b@example.org", "a quoted @"},
      {"first.last@example.org", "first.last@example.org", "dots mean something"},
      {"o'brien@example.org", "o'brien@example.org", "so do other letters"},
      {"m\xc3\xbcller@example.org", "m\xc3\xbcller@example.org", "UTF-8 stays"},
      {"user@[192.0.2.1]", "user@[192.0.2.1]", "an address literal is not folded"},
      {"user@[IPv6:2001:db8::1]", "user@[ipv6:2001:db8::1]", "nor an IPv6 one"},
      {"postmaster", "postmaster", "no domain"},
      {"", "", "the null sender"},
      {"<>", "", "the null sender in brackets"},
      {" < > ", "", "and with blanks"},
      {"@example.org", "\"\"@example.org", "no local part"},
      {"user@", "user", "no domain behind the @"},
      {"@", "", "nothing at all"},
  });
}

TEST_CASE("sub-addresses and numbers do not make another sender", "[greylist]") {
  CheckAll({
      {"user+tag@example.org", "user@example.org", "a sub-address"},
      {"user+a+b@example.org", "user@example.org", "two of them"},
      {"user+@example.org", "user@example.org", "an empty one"},
      {"+tag@example.org", "+tag@example.org", "nothing in front of it: kept"},
      {"user-tag@example.org", "user-tag@example.org", "a dash is in many names"},
      {"news1234@example.org", "news#@example.org", "digits at the end"},
      {"1234@example.org", "#@example.org", "digits alone"},
      {"john2doe@example.org", "john#doe@example.org", "a digit inside"},
      {"bounce-1234-5678@example.org", "bounce-#@example.org", "numbers in a row are one"},
      {"bounce-1234@example.org", "bounce-#@example.org", "so their count does not matter"},
      {"list.2024.05.17@example.org", "list.#@example.org", "a date"},
      {"a#b@example.org", "a#b@example.org", "the mark itself"},
      {"a##b-#@example.org", "a#b-#@example.org", "several marks"},
      {"bounce-5f3a9c2b@example.org", "bounce-#@example.org", "eight hexadecimal digits"},
      {"deadbeef@example.org", "deadbeef@example.org", "no digit among them: may be a word"},
      {"beef12@example.org", "beef#@example.org", "too short to be taken for hexadecimal"},
      {"b-3f2b8c1e-4b7a-4d2c-9e1f-0a1b2c3d4e5f@example.org", "b-#@example.org", "a UUID"},
      {"b-3f2b8c1e-abcd-4d2c-9e1f-0a1b2c3d4e5f@example.org", "b-#@example.org",
       "a UUID with a group that has no digit"},
      {"1r12zvjmnf8rqu@example.org", "#@example.org", "letters and digits by turns"},
      {"x9kq2mzplwert@example.org", "#@example.org", "long, with two numbers"},
      {"agent007team4@example.org", "#@example.org", "the price: some names fold whole"},
      {"user@mail12.example.org", "user@mail#.example.org", "a machine's number"},
      {"user@mail12.fra3.example.co.uk", "user@mail#.fra#.example.co.uk", "in each label"},
      {"user@163.com", "user@163.com", "the registered name keeps its digits"},
      {"user@o2.co.uk", "user@o2.co.uk", "below a suffix of two labels as well"},
      {"user@mx.163.com", "user@mx.163.com", "and below a host"},
  });
}

TEST_CASE("BATV tags of every kind come off", "[greylist]") {
  CheckAll({
      {"prvs=0123abcdef=user@example.org", "user@example.org", "draft-levine-smtp-batv"},
      {"prvs=1940025ABC=User@Example.org", "user@example.org", "in capitals"},
      {"prvs=3359b7afe=user@example.org", "user@example.org", "a signer with nine digits"},
      {"prvs=user/0123abcdef@example.org", "user@example.org", "the other order"},
      {"prvs=user=0123abcdef@example.org", "user@example.org", "the other order with ="},
      {"prvs=first.last=0123abcdef@example.org", "first.last@example.org", "dots in the user"},
      {"prvs=0123abcdef=user=x@example.org", "user=x@example.org", "= in the user"},
      {"prvs=user=x=0123abcdef@example.org", "user=x@example.org", "the same, reversed"},
      {"prvs=0123abcdef=1234567890@example.org", "#@example.org", "a user like a tag"},
      {"prvs=somethingelse=user@example.org", "user@example.org", "a tag of another kind"},
      {"prvs=0123abcdef=user+tag@example.org", "user@example.org", "with a sub-address"},
      {"user+prvs=0123abcdef@example.org", "user@example.org", "as a sub-address"},
      {"user-prvs=0123abcdef@example.org", "user@example.org", "as one with a dash"},
      {"btv1==068a4973b3a==user@example.org", "user@example.org", "Barracuda"},
      {"msprvs1=20676xgzi92p-=bounces-1898-1322@example.org", "bounces-#@example.org", "SparkPost"},
      {"prvs=0123abcdef=prvs=1123abcdef=user@example.org", "user@example.org", "signed twice"},
      {"prvs=0123abcdef=@example.org", "prvs=#=@example.org", "a tag without a user: kept"},
      {"prvs=@example.org", "prvs=@example.org", "neither"},
      {"prvs=user@example.org", "prvs=user@example.org", "no tag"},
      {"btv1==user@example.org", "btv#==user@example.org", "no tag of Barracuda's"},
  });
}

TEST_CASE("SRS leaves the forwarder's domain and the original address", "[greylist]") {
  CheckAll({
      {"SRS0=HHH=TT=example.org=user@fwd.example", "srs=example.org=user@fwd.example", "SRS0"},
      {"srs0=jA9R=Y6=example.org=user@fwd.example", "srs=example.org=user@fwd.example",
       "another hash and another day"},
      {"SRS0+HHH=TT=example.org=user@fwd.example", "srs=example.org=user@fwd.example", "with +"},
      {"SRS0-HHH=TT=example.org=user@fwd.example", "srs=example.org=user@fwd.example", "with -"},
      {"SRS0=a+/b=TT=example.org=user@fwd.example", "srs=example.org=user@fwd.example",
       "a hash in base 64"},
      {"SRS0+HHH+TT+example.org+user@fwd.example", "srs=example.org=user@fwd.example",
       "the form of early Mail::SRS"},
      {"SRS0=HHH=TT=example.org=a=b@fwd.example", "srs=example.org=a=b@fwd.example",
       "= in the user"},
      {"SRS0=HHH=TT=example.org=user+tag@fwd.example", "srs=example.org=user@fwd.example",
       "a sub-address in it"},
      {"SRS0=HHH=TT=163.com=user99@fwd.example", "srs=163.com=user#@fwd.example",
       "numbers fold in the user, not in the registered name"},
      {"SRS0=HHH=TT=example.org=prvs=0123abcdef=user@fwd.example",
       "srs=example.org=user@fwd.example", "BATV in SRS"},
      {"prvs=0123abcdef=SRS0=HHH=TT=example.org=user@fwd.example",
       "srs=example.org=user@fwd.example", "SRS in BATV"},
      {"SRS1=GGG=fwd.example==HHH=TT=example.org=user@hop.example",
       "srs=example.org=user@hop.example", "a second forwarder"},
      {"SRS1+GGG=fwd.example=+HHH=TT=example.org=user@hop.example",
       "srs=example.org=user@hop.example", "with + at both"},
      {"SRS1-GGG=fwd.example=-HHH=TT=example.org=user@hop.example",
       "srs=example.org=user@hop.example", "with - at both"},
      {"SRS1=GGG=fwd.example==opaque@hop.example", "srs=fwd.example=opaque@hop.example",
       "a first forwarder that keeps the address in a database"},
      {"SRS0=HHH=TT=fwd.example=SRS0=GGG=UU=example.org=user@hop.example",
       "srs=example.org=user@hop.example", "SRS0 in SRS0"},
      {"srs=example.org=user@fwd.example", "srs=example.org=user@fwd.example", "our own form"},
      {"SRS0=opaque@fwd.example", "srs#=opaque@fwd.example", "an address kept in a database"},
      {"SRS0=HHH=TT=example.org@fwd.example", "srs#=hhh=tt=example.org@fwd.example",
       "a field is missing"},
      {"SRS0=@fwd.example", "srs#=@fwd.example", "all fields are"},
      {"SRS1=a=b=@fwd.example", "srs#=a=b=@fwd.example", "nothing behind the first forwarder"},
      {"box+SRS=StfaP=3J=example.org=user@fwd.example", "srs=example.org=user@fwd.example",
       "Exchange Online"},
      {"bounces+SRS=44ldt=IX@fwd.example", "bounces@fwd.example",
       "Exchange Online, where the address would get too long"},
  });
}

TEST_CASE("a sender that holds the recipient is the same for all", "[greylist]") {
  const std::vector<SenderRow> rows = {
      {"bounce-user=example.org@list.example", "bounce-*@list.example", "user=domain"},
      {"bounce-user_example.org@list.example", "bounce-*@list.example", "user_domain"},
      {"bounce-user-example.org@list.example", "bounce-*@list.example", "user-domain"},
      {"bounce-user#example.org@list.example", "bounce-*@list.example", "user#domain"},
      {"bounce-user%example.org@list.example", "bounce-*@list.example", "user%domain"},
      {"bounce.user.at.example.org@list.example", "bounce.*@list.example", "user.at.domain"},
      {"bounce-user=40example.org@list.example", "bounce-*@list.example", "an encoded @"},
      {"bounce-user%40example.org@list.example", "bounce-*@list.example", "and another"},
      {"user=example.org-bounce@list.example", "*-bounce@list.example", "in front"},
      {"bounce-example.org-user@list.example", "bounce-*@list.example", "domain first"},
      {"bounce-example.org=user@list.example", "bounce-*@list.example", "domain first with ="},
      {"User_Example_Org@list.example", "*@list.example", "alone, joined by underscores"},
      {"b-user=example.org-user=example.org@list.example", "b-*-*@list.example", "twice"},
      {"list+user=example.org@list.example", "list@list.example", "as a sub-address"},
      {"list-return-1234-user=example.org@list.example", "list-return-#-*@list.example",
       "behind a number"},
      {"\"user@example.org\"@list.example", "*@list.example", "the address itself, quoted"},
      {"bounce-other=example.org@list.example", "bounce-other=example.org@list.example",
       "another user"},
      {"bounce-user=example.net@list.example", "bounce-user=example.net@list.example",
       "another domain"},
      {"bounce-xuser=example.org@list.example", "bounce-xuser=example.org@list.example",
       "another user that ends alike"},
      {"bounce-user=example.organic@list.example", "bounce-user=example.organic@list.example",
       "another domain that begins alike"},
      {"user@example.org", "user@example.org", "mail to oneself holds no recipient"},
  };
  CheckAll(rows, "user@example.org");
  CheckAll(rows, "<USER@Example.ORG.>");
}

TEST_CASE("the recipient in a sender may have several words", "[greylist]") {
  CheckAll({{"bounce-nbd=lists+nbd=example.org@other.example", "bounce-nbd=*@other.example",
             "a sub-address in the recipient"},
            {"b-lists=2bnbd=example.org@other.example", "b-*@other.example", "an encoded +"},
            {"b-lists-nbd=example.org@other.example", "b-*@other.example", "+ written as -"}},
           "lists+nbd@example.org");
  CheckAll({{"b-john.doe=example.org@x.example", "b-*@x.example", "a dot"},
            {"b-john_doe=example.org@x.example", "b-*@x.example", "a dot replaced"},
            {"b-doe=example.org@x.example", "b-doe=example.org@x.example", "half of it"}},
           "john.doe@example.org");
  CheckAll({{"b-user=example.org@x.example", "b-user=example.org@x.example", "no recipient"}}, "");
  CheckAll({{"b-postmaster@x.example", "b-postmaster@x.example", "a recipient without domain"}},
           "postmaster");
}

TEST_CASE("a long address is only put into its canonical form", "[greylist]") {
  const std::string local(510, 'A');
  CHECK(NormaliseSender("<" + local + "1+x@EXAMPLE.org>", "") ==
        std::string(510, 'a') + "1+x@example.org");
  const std::string huge(100000, '@');
  CHECK(NormaliseSender(huge, huge).empty());
  CHECK(NormaliseSender("user@example.org", std::string(100000, 'x') + "@example.org") ==
        "user@example.org");
}

TEST_CASE("an address of any bytes has a key that is its own key", "[greylist]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  static const std::vector<std::string> kPieces = {"a",
                                                   "B",
                                                   "7",
                                                   "12",
                                                   "#",
                                                   "*",
                                                   "@",
                                                   ".",
                                                   "=",
                                                   "==",
                                                   "+",
                                                   "-",
                                                   "_",
                                                   "/",
                                                   "\"",
                                                   "\\",
                                                   "<",
                                                   ">",
                                                   ":",
                                                   ",",
                                                   " ",
                                                   "\r",
                                                   "%40",
                                                   "=40",
                                                   "at",
                                                   "user",
                                                   "example",
                                                   "org",
                                                   "prvs=",
                                                   "SRS0",
                                                   "SRS1=",
                                                   "srs=",
                                                   "+srs=",
                                                   "btv1==",
                                                   "msprvs1=",
                                                   "-prvs=",
                                                   "0123abcdef",
                                                   "deadbeef1",
                                                   "[",
                                                   "]",
                                                   "\xff",
                                                   std::string(1, '\0'),
                                                   "user@example.org",
                                                   "example.org",
                                                   "SRS0=h=t=example.org=",
                                                   "prvs=0123abcdef=",
                                                   "3f2b8c1e-4b7a-4d2c-9e1f-0a1b2c3d4e5f"};
  const auto any = [&random] {
    std::string text;
    for (std::size_t count = random() % 24; count > 0; --count) {
      text += kPieces[random() % kPieces.size()];
    }
    return text;
  };
  for (int i = 0; i < 50000; ++i) {
    const std::string sender = any();
    const std::string recipient = random() % 2 == 0 ? "user@example.org" : any();
    CAPTURE(sender, recipient);
    const std::string normal = NormaliseSender(sender, recipient);
    // Of what could not stand without quotes, it has none.
    if (normal.find_first_of("\"\\<>,: \r") != std::string::npos || normal.starts_with('@'))
      continue;
    REQUIRE(NormaliseSender(normal, recipient) == normal);
  }
}

}  // namespace
}  // namespace mxward
