// SPDX-License-Identifier: Apache-2.0
#include "match/accounts.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct ServiceRow {
  std::string sender;   // an envelope of the documented form
  std::string account;  // what it says
  std::string name;     // of a client of the service
  bool own_domain;      // the envelope is at a domain of the service, which SPF can prove
};

// Numbers and names are invented; forms are those that lib/clients/accounts.cc gives sources for.
std::vector<ServiceRow> ServiceRows() {
  return {
      {"bounces+1234567-ab12-joe=here.example@sendgrid.net", "sendgrid:1234567",
       "o1.ptr9.outbound-mail.sendgrid.net", true},
      {"bounces+1234567-ab12-joe=here.example@em42.shop.example", "sendgrid:1234567",
       "wxyz.outbound-mail.sendgrid.net", false},
      {"bounces+7654321-00a2-joe=here.example@send.k2.klaviyomail.com", "klaviyo:7654321", "",
       true},
      {"bounce-mc.us11_46970000.796437-joe=here.example@mail1.suw18.rsgsv.net",
       "mailchimp:us11_46970000", "mail1.suw18.rsgsv.net", true},
      {"bounce-mc.us2_123.4-abc@mail7.atl1.mcdlv.net", "mailchimp:us2_123", "mail7.atl1.mcdlv.net",
       true},
      {"bounce-md_30500000.669fdf8f.v1-0123456789abcdef@mandrillapp.com", "mandrill:30500000",
       "mail5.wdc04.mandrillapp.com", true},
      {"bounce-md_30500000.669fdf8f.v1-0123456789abcdef@bounce.shop.example", "mandrill:30500000",
       "mail5.wdc04.mandrillapp.com", false},
      {"joe@sandbox0123456789abcdef.mailgun.org", "mailgun:sandbox0123456789abcdef",
       "m42.mailgun.net", true},
      {"msprvs1=17582Z2TKy0DK=bounces-9178@spmailt.com", "sparkpost:9178", "mta201.spmta.com",
       true},
      {"msprvs1=20192PA_4BrJs=bounces-56831-18@bounces.shop.example", "sparkpost:56831",
       "mta-1.shop.example.sparkpostmail.com", false},
      {"joe=here.example__0-1r12zvjmnf@xqfk2ane.gpaw.8d-3trx3eag.um8.bnc.salesforce.com",
       "salesforce:8d-3trx3eag", "smtp04-ia4-sp1.mta.salesforce.com", true},
      {"bounce-648_HTML-126963812-4522-7327404-650445@bounce.s7.exacttarget.com",
       "exacttarget:7327404", "mta.s7.exacttarget.com", true},
      {"059-ABC-834.0.1100893.0.0.34454.9.416187631@em-sj-77.mktomail.com", "marketo:059-abc-834",
       "em-sj-77.mktomail.com", true},
      {"AbCdEf+1//GHIjkl==_1133104750000_sUQcUKVBEeynm/oWPlvDBA==@in.constantcontact.com",
       "constantcontact:1133104750000", "ccm27.constantcontact.com", true},
      {"ESC1102401528476_1101535290000_9204@in.constantcontact.com",
       "constantcontact:1101535290000", "ccm23.constantcontact.com", true},
      {"joe@shop.onmicrosoft.com", "microsoft365:shop",
       "mail-am6eur05on2072.outbound.protection.outlook.com", true},
      {"bounces+SRS=2l6qk=7I@shop.onmicrosoft.com", "microsoft365:shop",
       "mail-am6eur05on2072.outbound.protection.outlook.com", true},
      {"joe@shop.mail.onmicrosoft.com", "microsoft365:shop", "", true},
      {"our-list+bncBCMIZB7QWENRBBW2ULCAMGQEEVQYOTQ@googlegroups.com", "googlegroups:our-list",
       "mail-ej1-f56.google.com", true},
      {"support@shop.zendesk.com", "zendesk:shop", "outbyoip2.pod17.use1.zendesk.com", true},
      {"support@shop.freshdesk.com", "freshdesk:shop", "fwd5.freshdesk.com", true},
      {"alex@shop-28eb3360a1a3.intercom-mail.com", "intercom:shop-28eb3360a1a3", "", true},
      {"shopprod@service-now.com", "servicenow:shopprod", "outbound26.service-now.com", true},
      {"shop@myworkday.com", "workday:shop", "", true},
  };
}

TEST_CASE("the envelope of a sending service says for whom it sends", "[match]") {
  for (const ServiceRow& row : ServiceRows()) {
    CAPTURE(row.sender);
    if (row.own_domain) CHECK(ServiceAccount(row.sender) == row.account);
    if (!row.name.empty()) CHECK(AccountByName(row.sender, row.name) == row.account);
  }
  CHECK(accounts::Services().size() >= 15);
  for (const std::string_view word : accounts::Services()) {
    CAPTURE(word);
    bool shown = false;
    for (const ServiceRow& row : ServiceRows()) {
      shown = shown || row.account.starts_with(std::string(word) + accounts::kSeparator);
    }
    CHECK(shown);
  }
}

TEST_CASE("no envelope that a stranger writes is of a service", "[match]") {
  for (const ServiceRow& row : ServiceRows()) {
    CAPTURE(row.sender);
    // From his own machine, with a name of his own, one like the service's, or none.
    for (const std::string name : {"mail.stranger.example", "sendgrid.net.stranger.example",
                                   "notsendgrid.net", "notzendesk.com", "mail.example.org", ""}) {
      CHECK(AccountByName(row.sender, name).empty());
    }
    // At his own domain, whose SPF record lets him.
    const std::string local = row.sender.substr(0, row.sender.rfind('@') + 1);
    CHECK_FALSE(ServiceAccount(local + "em42.stranger.example"));
  }
}

TEST_CASE("no customer of one service has an account at another", "[match]") {
  for (const ServiceRow& envelope : ServiceRows()) {
    for (const ServiceRow& client : ServiceRows()) {
      const std::string service = client.account.substr(0, client.account.find(':'));
      const std::string other = AccountByName(envelope.sender, client.name);
      CAPTURE(envelope.sender, client.name, other);
      CHECK((other.empty() || (other == envelope.account && other.starts_with(service + ":"))));
    }
  }
}

TEST_CASE("a service that names no customer has no account", "[match]") {
  for (const std::string sender :
       {"0100018f-0011-2233-4455-66778899aabb-000000@amazonses.com",
        "0102018f-0011-2233-4455-66778899aabb-000000@eu-west-1.amazonses.com",
        "pm_bounces@pm.mtasv.net",
        "1axca06p9dhadejfcj89@bf01x.hubspotemail.net",
        "bounces-133768474-joe=here.example@gt.d.sender-sib.com",
        "abc.def.ghi@bnc3.mailjet.com",
        "b+abc@bounces.elasticemail.net",
        "support@zendesk.com",
        "info@sendgrid.net",
        "list@googlegroups.com",
        "bounce-md_@mandrillapp.com",
        "bounce-md_x.1@mandrillapp.com",
        "bounces+-1@sendgrid.net",
        "bounce-mc.us_1.2@mail1.mcsv.net",
        "a@b.c.zendesk.com",
        "a@b.shop.onmicrosoft.com",
        "a@um8.bnc.salesforce.com",
        "msprvs1=x=bounce-1@sparkpostmail.com",
        "msprvs1=x@sparkpostmail.com",
        "bounce-1_HTML-2-3-4@bounce.s7.exacttarget.com",
        "a_12_b@in.constantcontact.com",
        "059-abc-83.0@em.mktomail.com"}) {
    CAPTURE(sender);
    CHECK(ServiceAccount(sender) == "");
  }
}

TEST_CASE("nothing in an account needs to be escaped", "[match]") {
  const std::string long_number(65, '1');
  for (const std::string& sender :
       {"bounces+" + long_number + "-1@sendgrid.net", std::string("a b+bnc1@googlegroups.com"),
        std::string("\"a,b=c\"@service-now.com"), std::string("a=b@service-now.com"),
        std::string("\xc3\xa9+bncx@googlegroups.com"), std::string("+bncx@googlegroups.com")}) {
    CAPTURE(sender);
    CHECK(ServiceAccount(sender) == "");
  }
  CHECK(ServiceAccount("bounces+" + long_number.substr(1) + "-1@sendgrid.net")->size() == 73);
  for (const std::string sender : {"", "<>", "joe", "joe@", "joe@[192.0.2.1]", "joe@co.uk", "@"}) {
    CAPTURE(sender);
    CHECK_FALSE(ServiceAccount(sender));
    CHECK(AccountByName(sender, "o1.outbound-mail.sendgrid.net").empty());
  }
}

// Every envelope cut off anywhere, and with each byte replaced by what parts are told apart by.
TEST_CASE("whatever the envelope is, an account has its form or there is none", "[match]") {
  const auto is_whole = [](const std::string& account) {
    if (account.empty()) return true;
    const std::size_t mark = account.find(accounts::kSeparator);
    const auto words = accounts::Services();
    return std::find(words.begin(), words.end(), account.substr(0, mark)) != words.end() &&
           account.size() > mark + 1 &&
           account.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.", mark + 1) ==
               std::string::npos;
  };
  std::size_t wrong = 0;
  const auto look = [&](const std::string& sender, const std::string& name) {
    if (!is_whole(AccountByName(sender, name)) || !is_whole(ServiceAccount(sender).value_or(""))) {
      ++wrong;
      CAPTURE(sender);
      CHECK(wrong == 0);
    }
  };
  for (const ServiceRow& row : ServiceRows()) {
    for (std::size_t i = 0; i < row.sender.size(); ++i) {
      look(row.sender.substr(0, i), row.name);
      look(row.sender.substr(i), row.name);
      for (const char byte : std::string("@.+-_=:*\" ,<>\x7f\xff\0", 16)) {
        std::string changed = row.sender;
        changed[i] = byte;
        look(changed, row.name);
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("what could not be an account is refused with what could", "[match]") {
  for (const std::string good : {"sendgrid:12345", "mailchimp:us11_4697", "example.org",
                                 "example.co.uk", "microsoft365:shop"}) {
    CAPTURE(good);
    CHECK(WhyNoAccount(good).empty());
  }
  struct Refused {
    std::string text;
    std::string why;
  };
  const std::vector<Refused> rows = {
      {"sendgrid.net", "write \"sendgrid:NUMBER\""},
      {"shop.onmicrosoft.com", "write \"microsoft365:NUMBER\""},
      {"amazonses.com", "do not say for which customer"},
      {"ses:1", "known are sendgrid, "},
      {"sendmail:1", "known are sendgrid, "},
      {"sendgrid:", "such as \"sendgrid:12345\""},
      {"sendgrid:a b", "such as \"sendgrid:12345\""},
      {"sendgrid:1:2", "such as \"sendgrid:12345\""},
  };
  for (const Refused& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(WhyNoAccount(row.text), HasText(row.why));
  }
}

}  // namespace
}  // namespace mxward
