// SPDX-License-Identifier: Apache-2.0

// Senders in the shapes that list managers and mail services really use, two messages each: what is
// to be equal for the next message to pass, and what is not.
#include <string>
#include <vector>

#include "greylist/sender.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

constexpr std::string_view kRecipient = "user@here.example";

struct ServiceRow {
  const char* service;
  const char* first;
  const char* second;  // of another message of the same sender
  const char* expected;
};

TEST_CASE("two messages of one sender have one key, whoever sends for it", "[greylist]") {
  const std::vector<ServiceRow> rows = {
      {"Mailman", "list-bounces@lists.example.org", "list-bounces@lists.example.org",
       "list-bounces@lists.example.org"},
      {"Mailman with VERP", "list-bounces+user=here.example@lists.example.org",
       "list-bounces+alias=there.example@lists.example.org", "list-bounces@lists.example.org"},
      {"Mailman confirmations", "list-confirm+3f2b8c1e4b7a4d2c@lists.example.org",
       "list-confirm+9a8b7c6d5e4f3a2b@lists.example.org", "list-confirm@lists.example.org"},
      {"ezmlm", "list-return-1234-user=here.example@lists.example.org",
       "list-return-1239-user=here.example@lists.example.org", "list-return-#-*@lists.example.org"},
      {"ezmlm of a digest", "list-digest-return-12-@lists.example.org",
       "list-digest-return-13-@lists.example.org", "list-digest-return-#-@lists.example.org"},
      {"mlmmj", "list+bounces-1234-user=here.example@lists.example.org",
       "list+bounces-99-user=here.example@lists.example.org", "list@lists.example.org"},
      {"Majordomo", "owner-list@lists.example.org", "owner-list@lists.example.org",
       "owner-list@lists.example.org"},
      {"LISTSERV", "owner-LIST*user**HERE*-EXAMPLE@lists.example.org",
       "owner-LIST*user**HERE*-EXAMPLE@lists.example.org", "owner-list**@lists.example.org"},
      {"SmartList", "bounce-list=user=here.example@lists.example.org",
       "bounce-list=user=here.example@lists.example.org", "bounce-list=*@lists.example.org"},
      {"Sympa with VERP", "list-owner+user==here.example==0@lists.example.org",
       "list-owner+user==here.example==7@lists.example.org", "list-owner@lists.example.org"},
      {"Lyris", "bounce-1234567-89@list.example.org", "bounce-1234570-91@list.example.org",
       "bounce-#@list.example.org"},
      {"GNU lists with a sub-address", "list-bounces+user=here.example@example.org",
       "list-bounces+user=here.example@example.org", "list-bounces@example.org"},
      {"Google Groups", "team+bncBCD7XJ4LQEGRB3GH52YAMGQEAXYZ7UQ@example.org",
       "team+bncBDW5DZ6JXUJBBMFW7SYQMGQEK4UVDXA@example.org", "team@example.org"},
      {"Gmail forwarding", "box+caf_=user=here.example@gmail.com",
       "box+caf_=user=here.example@gmail.com", "box@gmail.com"},
      {"Amazon SES",
       "0101018b19464909-30c1afc0-8b44-4231-a13a-d77a957f87ee-000000@us-west-2.amazonses.com",
       "010101881fea4560-7affd3d6-31b2-47ad-ace2-c9d873ba6126-000000@us-west-2.amazonses.com",
       "#@us-west-#.amazonses.com"},
      {"Amazon SES below a domain of the sender's",
       "0102018f8e48ab26-f2e8661b-b2b6-4461-8875-303e7723de6d-000000@bounce.example.org",
       "0102018fd6c4e1aa-1d2b3c4d-aaaa-4bbb-9ccc-0123456789ab-000000@bounce.example.org",
       "#@bounce.example.org"},
      {"SendGrid", "bounces+45329440-6cd3-user=here.example@em1847.example.org",
       "bounces+45329440-9ed5-user=here.example@em1847.example.org", "bounces@em#.example.org"},
      {"Mailchimp", "bounce-mc.us9_36270041.733397-user=here.example@mail209.atl81.rsgsv.net",
       "bounce-mc.us9_36270041.733512-user=here.example@mail57.atl11.rsgsv.net",
       "bounce-mc.us#-*@mail#.atl#.rsgsv.net"},
      {"Mailchimp from one data centre",
       "bounce-mc.us12_123456789.1234567-ab12cd34ef@mail12.atl11.mcsv.net",
       "bounce-mc.us12_123456789.1234599-0f9e8d7c6b@mail182.atl171.mcsv.net",
       "bounce-mc.us#@mail#.atl#.mcsv.net"},
      {"Mandrill",
       "bounce-md_30123456.65f1c2d3.v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9@mandrillapp.com",
       "bounce-md_30123456.65f1ffff.v1-ffeeddccbbaa99887766554433221100@mandrillapp.com",
       "bounce-md_#.v#@mandrillapp.com"},
      {"Mailgun", "bounce+585af8.1a95e6-user=here.example@mg.example.org",
       "bounce+99ccff.000000-user=here.example@mg.example.org", "bounce@mg.example.org"},
      {"Postmark", "pm_bounces@pm-bounces.example.org", "pm_bounces@pm-bounces.example.org",
       "pm_bounces@pm-bounces.example.org"},
      {"SparkPost", "msprvs1=20676xgzi92p-=bounces-1898-1322@bounces.example.org",
       "msprvs1=20677Qa8zPp0w=bounces-1898-1322@bounces.example.org",
       "bounces-#@bounces.example.org"},
      {"Salesforce Marketing Cloud",
       "bounce-123_HTML-987654321-1234567-100012345-0@bounce.example.org",
       "bounce-124_HTML-987654399-1234568-100012345-0@bounce.example.org",
       "bounce-#_html-#@bounce.example.org"},
      {"Constant Contact",
       "ABCeDfGhIjKlMnOpQrStUvWx==_1101234567890_abcDEFghIJklMNopQRstUV==@in.constantcontact.com",
       "ABCeDfGhIjKlMnOpQrStUvWx==_1101234567890_abcDEFghIJklMNopQRstUV==@in.constantcontact.com",
       "abcedfghijklmnopqrstuvwx==_#_abcdefghijklmnopqrstuv==@in.constantcontact.com"},
      {"Campaign Monitor", "user-abcdefg12345hijkl-678@cmail19.com",
       "user-abcdefg67890hijkl-999@cmail19.com", "user-abcdefg#hijkl-#@cmail19.com"},
      {"Emarsys and others with plain numbers", "suite12+1234_567@mail5.example.org",
       "suite12+1240_568@mail6.example.org", "suite#@mail#.example.org"},
      {"Exchange on premises", "user@example.org", "User@example.org", "user@example.org"},
      {"Exchange Online forwarding", "box+SRS=StfaP=3J=example.org=friend@tenant.example",
       "box+SRS=HnE87=C7=example.org=friend@tenant.example",
       "srs=example.org=friend@tenant.example"},
      {"Exchange Online, long addresses", "bounces+SRS=HnE87=C7@tenant.onmicrosoft.com",
       "bounces+SRS=DmMzc=V3@tenant.onmicrosoft.com", "bounces@tenant.onmicrosoft.com"},
      {"Exchange journal", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org",
       "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org", "#@example.org"},
      {"postsrsd", "SRS0=JvSE=IT=example.org=friend@fwd.example",
       "SRS0=4khD=CT=example.org=friend@fwd.example", "srs=example.org=friend@fwd.example"},
      {"postsrsd of mail with BATV", "SRS0=JvSE=IT=example.org=prvs=0123abcdef=friend@fwd.example",
       "SRS0=4khD=CT=example.org=prvs=1124fedcba=friend@fwd.example",
       "srs=example.org=friend@fwd.example"},
      {"postsrsd, a chain", "SRS1=chaI=fwd.example==JvSE=IT=example.org=friend@hop.example",
       "SRS1=Xy/z=fwd.example==4khD=CT=example.org=friend@hop.example",
       "srs=example.org=friend@hop.example"},
      {"a list forwarded with SRS", "SRS0=3T2S=5I=lists.example.org=git-owner@fwd.example",
       "SRS0=dTtN=5S=lists.example.org=git-owner@fwd.example",
       "srs=lists.example.org=git-owner@fwd.example"},
      {"Cisco appliances", "prvs=008310faaa=user@example.org", "prvs=009421fbbb=user@example.org",
       "user@example.org"},
      {"Proofpoint", "prvs=1940025abc=user@example.org", "prvs=1951136bcd=user@example.org",
       "user@example.org"},
      {"Barracuda", "btv1==760cdc7c545==user@example.org", "btv1==1086afe1179==user@example.org",
       "user@example.org"},
      {"GitHub", "noreply@github.com", "noreply@github.com", "noreply@github.com"},
      {"GitLab", "incoming+project-12345-3f2b8c1e4b7a@incoming.example.org",
       "incoming+project-12399-9a8b7c6d5e4f@incoming.example.org", "incoming@incoming.example.org"},
      {"Discourse", "forum+verp-3f2b8c1e4b7a4d2c9e1f0a1b2c3d4e5f@example.org",
       "forum+verp-ffeeddccbbaa99887766554433221100@example.org", "forum@example.org"},
      {"Jira", "jira@example.atlassian.net", "JIRA@example.atlassian.net",
       "jira@example.atlassian.net"},
      {"Zendesk", "support+id12345@example.zendesk.com", "support+id99@example.zendesk.com",
       "support@example.zendesk.com"},
      {"cron on many machines", "root@web12.fra1.example.org", "root@web3.fra1.example.org",
       "root@web#.fra#.example.org"},
  };
  for (const ServiceRow& row : rows) {
    CAPTURE(row.service, row.first, row.second);
    const std::string first = NormaliseSender(row.first, kRecipient);
    const std::string second = NormaliseSender(row.second, kRecipient);
    CHECK(first == second);
    CHECK(first == row.expected);
    CHECK(NormaliseSender(first, kRecipient) == first);
  }
}

TEST_CASE("two senders have two keys", "[greylist]") {
  struct Pair {
    const char* first;
    const char* second;
    const char* why;
  };
  const std::vector<Pair> pairs = {
      {"user@example.org", "other@example.org", "users"},
      {"user@example.org", "user@example.net", "domains"},
      {"user@a.example.org", "user@b.example.org", "hosts by name"},
      {"user@163.com", "user@126.com", "registered names of digits"},
      {"user@163.co.uk", "user@126.co.uk", "the same below a suffix of two labels"},
      {"user@cmail19.com", "user@cmail20.com", "registered names that are numbered"},
      {"user@[192.0.2.1]", "user@[192.0.2.2]", "address literals"},
      {"list-bounces@example.org", "list-owner@example.org", "roles of a list"},
      {"SRS0=A=B=example.org=user@fwd.example", "user@example.org", "forwarded and not"},
      {"SRS0=A=B=example.org=user@fwd.example", "SRS0=A=B=example.org=user@hop.example",
       "forwarders"},
      {"SRS0=A=B=example.org=user@fwd.example", "SRS0=A=B=example.net=user@fwd.example",
       "domains behind a forwarder"},
      {"SRS0=A=B=example.org=user@fwd.example", "SRS0=A=B=example.org=other@fwd.example",
       "users behind a forwarder"},
      {"SRS0=A=B=163.com=user@fwd.example", "SRS0=A=B=126.com=user@fwd.example",
       "numbered domains behind a forwarder"},
      {"prvs=0123abcdef=user@example.org", "prvs=0123abcdef=other@example.org", "users with BATV"},
      {"", "user@example.org", "the null sender"},
      {"bounce-mc.us9_1.2@mail209.atl81.rsgsv.net", "bounce-mc.us9_1.2@mail41.suw13.rsgsv.net",
       "data centres: only their numbers fold"},
  };
  for (const Pair& pair : pairs) {
    CAPTURE(pair.why, pair.first, pair.second);
    CHECK(NormaliseSender(pair.first, kRecipient) != NormaliseSender(pair.second, kRecipient));
  }
}

}  // namespace
}  // namespace mxward
