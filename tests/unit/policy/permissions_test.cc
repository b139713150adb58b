// SPDX-License-Identifier: Apache-2.0
#include "policy/permissions.h"

#include <string>

#include "tests/unit/catch.h"

namespace mxward::policy {
namespace {

TEST_CASE("where no service is known the account is the organisation", "[policy]") {
  CHECK(AccountBySpf("joe@example.org") == "example.org");
  CHECK(AccountBySpf("<Joe@Mail.EXAMPLE.co.uk>") == "example.co.uk");
  CHECK(AccountBySpf("SRS0=abcd=EF=example.net=joe@forward.example.org") == "example.org");
  CHECK(AccountBySpf("pm_bounces@pm-bounces.example.org") == "example.org");
  // Whatever a stranger writes at his own domain: that is who he is.
  CHECK(AccountBySpf("bounces+1-2-a=b@em1.stranger.example") == "stranger.example");
  CHECK(AccountBySpf("bounces+1-2-a=b@sendgrid.net") == "sendgrid:1");
  CHECK(AccountBySpf("0102018f-000000@amazonses.com").empty());
  for (const std::string sender : {"", "<>", "joe", "joe@", "joe@[192.0.2.1]", "joe@co.uk", "@"}) {
    CAPTURE(sender);
    CHECK(AccountBySpf(sender).empty());
  }
}

}  // namespace
}  // namespace mxward::policy
