// SPDX-License-Identifier: Apache-2.0
//
// One mailbox has one form, one client has one form: of any two spellings all features say the
// same, whether they are one.
#include <functional>
#include <map>
#include <random>
#include <string>

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "catch.h"
#include "clients/client_record.h"
#include "control/filters.h"
#include "control/subject.h"
#include "engine/session.h"
#include "entries/table.h"
#include "greylist/identity.h"
#include "greylist/sender.h"
#include "limits/limits.h"
#include "match/patterns.h"
#include "outcomes/missed.h"
#include "policy/trust.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"

namespace mxward {
namespace {

using Random = std::mt19937;

bool Chance(Random& random, unsigned one_in) { return random() % one_in == 0; }

// ---- Mailboxes ----------------------------------------------------------------------------------

// A character in the ways that it can be written: small, capital, decomposed.
using Letter = std::vector<std::string>;

const Letter& UmlautU() {
  static const Letter letter = {"\xc3\xbc", "\xc3\x9c", "u\xcc\x88", "U\xcc\x88"};
  return letter;
}

struct Mailbox {
  std::vector<Letter> local;
  std::vector<Letter> domain;
  std::string a_labels;  // of the domain
};

std::vector<Letter> Letters(const std::string& text) {
  std::vector<Letter> out;
  for (const char c : text) {
    if (c == 'U') {
      out.push_back(UmlautU());
    } else if (c >= 'a' && c <= 'z') {
      out.push_back({std::string(1, c), std::string(1, static_cast<char>(c - 'a' + 'A'))});
    } else {
      out.push_back({std::string(1, c)});
    }
  }
  return out;
}

// U stands for a letter that is not ASCII.
const std::vector<Mailbox>& Mailboxes() {
  static const std::vector<Mailbox> all = [] {
    std::vector<Mailbox> out;
    for (const std::string local : {"bob", "bub", "bUb", "b.o-b", "bo b", "b@b", "b\"b", "bo"}) {
      out.push_back({Letters(local), Letters("rcpt.example"), "rcpt.example"});
    }
    out.push_back({Letters("bob"), Letters("bUcher.example"), "xn--bcher-kva.example"});
    out.push_back({Letters("bUb"), Letters("bUcher.example"), "xn--bcher-kva.example"});
    out.push_back({Letters("bob"), Letters("bucher.example"), "bucher.example"});
    out.push_back({Letters("bob"), Letters("mail.rcpt.example"), "mail.rcpt.example"});
    return out;
  }();
  return all;
}

std::string AnyOf(const std::vector<Letter>& letters, Random& random) {
  std::string out;
  for (const Letter& letter : letters) out += letter[random() % letter.size()];
  return out;
}

bool NeedsQuotes(const std::string& local) {
  return local.find_first_of(" @\"") != std::string::npos;
}

std::string SpellLocal(const Mailbox& mailbox, Random& random) {
  std::string plain;
  for (const Letter& letter : mailbox.local) plain += letter[0];
  const bool quoted = NeedsQuotes(plain) || Chance(random, 2);
  std::string out = quoted ? "\"" : "";
  for (const Letter& letter : mailbox.local) {
    const std::string& one = letter[random() % letter.size()];
    const bool must = one == "\"";
    if (must || (Chance(random, 3) && one.size() == 1 && one != ".")) out += '\\';
    out += one;
  }
  if (quoted) out += '"';
  return out;
}

std::string SpellDomain(const Mailbox& mailbox, Random& random) {
  std::string out;
  if (Chance(random, 2)) {
    out = AnyOf(Letters(mailbox.a_labels), random);
  } else {
    out = AnyOf(mailbox.domain, random);
  }
  if (Chance(random, 3)) out += '.';
  if (const auto dot = out.find('.'); Chance(random, 6)) out.replace(dot, 1, "\xe3\x80\x82");
  return out;
}

// As an administrator could write it.
std::string Spell(const Mailbox& mailbox, Random& random) {
  std::string local = SpellLocal(mailbox, random);
  return local.append("@").append(SpellDomain(mailbox, random));
}

// As a client could.
std::string SpellWildly(const Mailbox& mailbox, Random& random) {
  std::string out;
  if (Chance(random, 5)) out += "@hop.example,@[IPv6:::1]:";
  if (Chance(random, 5)) out += "(a \\) comment)";
  out += SpellLocal(mailbox, random);
  if (Chance(random, 5)) out += " ";
  out += "@" + SpellDomain(mailbox, random);
  return Chance(random, 2) ? "<" + out + ">" : out;
}

struct FormSite {
  TestStore store;
  FakeClock clock;
  MemoryLog log;
  Engine engine{{clock, store.environment(), store.writer(), log}, Shared(TestConfig())};

  const HashKey& key() { return store.environment().hash_key(); }

  void Allow(entries::Kind kind, const std::string& canonical_key) {
    entries::Entry entry;
    entry.kind = kind;
    entry.key = canonical_key;
    entry.created = entry.updated = clock.Now();
    REQUIRE(engine.parts().entries.Put(entry));
  }
};

LimitConfig OneEach(LimitCount count, LimitPer per) {
  LimitConfig limit;
  limit.name = "one";
  limit.count = count;
  limit.per = per;
  limit.amount = limit.burst = 1;
  limit.period = Seconds(3600);
  limit.share = 50;
  return limit;
}

// What is counted once for a is over for b.
bool LimitSaysSame(LimitPer per, const limits::Subject& a, const limits::Subject& b) {
  const FakeClock clock;
  limits::Limits limits(clock, HashKey{7}, 1 << 18);
  const LimitConfig limit = OneEach(LimitCount::kMessages, per);
  limits.Take(limit, a);
  return limits.Look(limit, b).over;
}

limits::Subject SubjectOf(const std::string& sender, const std::string& recipient) {
  limits::Subject subject;
  subject.client = *IpAddress::Parse("192.0.2.1");
  subject.sender = sender;
  subject.recipient = recipient;
  return subject;
}

// A recipient that was noted is not noted again: with two bad ones the limit of one is over.
bool HarvestSaysSame(const std::string& a, const std::string& b) {
  const FakeClock clock;
  limits::Limits limits(clock, HashKey{7}, 1 << 18);
  LimitConfig limit = OneEach(LimitCount::kBadRecipients, LimitPer::kClient);
  limit.amount = limit.burst = 2;
  limits::Subject subject = SubjectOf("a@example.org", a);
  limits.NoteRecipient(limit, subject, /*bad=*/true);
  subject.recipient = b;
  limits.NoteRecipient(limit, subject, /*bad=*/true);
  return !limits.Look(limit, subject).over;
}

bool RuleSaysSame(const std::string& pattern, const std::string& given) {
  match::PatternsBuilder builder(match::Subject::kAddresses);
  REQUIRE(builder.Add(pattern));
  return std::move(builder).Build({pattern}).MatchesAddress(CanonicalAddress(given).text());
}

bool EntrySaysSame(entries::Kind kind, const std::string& a, const std::string& b) {
  FormSite site;
  site.Allow(kind, *entries::CanonicalKey(kind, a));
  entries::Index index;
  REQUIRE(index.Load(site.store.environment()));
  store::SharedRead read(site.store.environment());
  entries::Question question;
  question.client = *IpAddress::Parse("192.0.2.1");
  (kind == entries::Kind::kSender ? question.sender : question.recipient) = b;
  return !entries::Match(read, index, question, site.clock.Now()).value().empty();
}

bool ForgetSaysSame(entries::Kind kind, const std::string& a, const std::string& b) {
  const auto subject = control::Subject::Of(kind, *entries::CanonicalKey(kind, a), HashKey{7});
  greylist::TupleRecord record;
  record.client = *IpAddress::Parse("192.0.2.1");
  (kind == entries::Kind::kSender ? record.sender : record.recipient) = b;
  return subject.Matches(greylist::TupleKey{}, record) == control::Subject::Match::kYes;
}

bool ExemptSaysSame(const std::string& a, const std::string& b) {
  Config config = TestConfig();
  config.exempt_recipients = {a};
  return policy::IsExempt(b, config);
}

// A retry in the spelling b of what was first tried in the spelling a.
bool GreylistSaysSame(const std::string& a, const std::string& b) {
  FormSite site;
  Session session(site.engine);
  SessionFacts facts;
  facts.client = *IpAddress::Parse("192.0.2.1");
  session.Connect(facts);
  session.Mail({"a@example.org", "", ""});
  REQUIRE(session.Recipient(a, "").verdict == Verdict::kDefer);
  site.clock.Advance(Seconds(360));
  return session.Recipient(b, "").verdict == Verdict::kAccept;
}

std::map<std::string, bool> AskAll(const std::string& a, const std::string& b) {
  const limits::Subject first = SubjectOf(a, a);
  const limits::Subject second = SubjectOf(b, b);
  return {
      {"limit per recipient", LimitSaysSame(LimitPer::kRecipient, first, second)},
      {"limit per sender", LimitSaysSame(LimitPer::kSender, first, second)},
      {"harvest", HarvestSaysSame(a, b)},
      {"rule", RuleSaysSame(a, b)},
      {"entry of a sender", EntrySaysSame(entries::Kind::kSender, a, b)},
      {"entry of a recipient", EntrySaysSame(entries::Kind::kRecipient, a, b)},
      {"forget of a recipient", ForgetSaysSame(entries::Kind::kRecipient, a, b)},
      {"list", control::AddressPattern::Parse(a)->Matches(b)},
      {"greylist", GreylistSaysSame(a, b)},
  };
}

// Features that leave a tag out, or undo what senders add, may see one where others see two.
std::map<std::string, bool> AskGenerous(const std::string& a, const std::string& b) {
  return {{"exempt", ExemptSaysSame(a, b)},
          {"forget of a sender", ForgetSaysSame(entries::Kind::kSender, a, b)},
          {"sender in the key", NormaliseSender(a, "") == NormaliseSender(b, "")}};
}

// ---- Clients ------------------------------------------------------------------------------------

const std::vector<Prefix>& Translators() {
  static const std::vector<Prefix> all = {*Prefix::Parse("2001:db8:64::/96"),
                                          *Prefix::Parse("2001:db8:56:100::/56")};
  return all;
}

struct Client {
  std::vector<std::string> spellings;
};

const std::vector<Client>& Clients() {
  static const std::vector<Client> all = {
      {{"192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "64:ff9b::192.0.2.1",
        "64:FF9B:0:0::c000:201", "2001:db8:64::c000:201", "2001:db8:56:1c0:0:201::"}},
      {{"192.0.2.2", "::ffff:192.0.2.2", "64:ff9b::c000:202", "2001:db8:64::192.0.2.2"}},
      {{"198.51.100.1", "64:ff9b::198.51.100.1"}},
      {{"2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::", "2001:DB8:1:2:0:0:0:1"}},
      {{"2001:db8:1:3::1", "2001:db8:1:3:1::1"}}};
  return all;
}

// The client's as the programs write it.
std::string KeyOf(const std::string& spelling) {
  const IpAddress known = ClientAddress(*IpAddress::Parse(spelling), Translators());
  return known.is_v4() ? spelling : ClientNetwork(known).ToString();
}

SessionFacts FactsOf(const std::string& spelling, const FormSite& site) {
  SessionFacts facts;
  facts.client = *IpAddress::Parse(spelling);
  Config config = TestConfig();
  config.clients.nat64 = Translators();
  site.engine.KnowClient(facts, config);
  return facts;
}

std::map<std::string, bool> AskAllOfClients(const std::string& a, const std::string& b) {
  FormSite site;
  Config config = TestConfig();
  config.clients.nat64 = Translators();
  const SessionFacts first = FactsOf(a, site);
  const SessionFacts second = FactsOf(b, site);
  limits::Subject first_subject;
  limits::Subject second_subject;
  first_subject.client = *first.client;
  second_subject.client = *second.client;

  const std::string entry_key =
      *entries::CanonicalKey(entries::Kind::kClient, KeyOf(a), Translators());
  site.Allow(entries::Kind::kClient, entry_key);
  entries::Index index;
  REQUIRE(index.Load(site.store.environment()));
  store::SharedRead read(site.store.environment());
  entries::Question question;
  question.client = second.client;

  match::PatternsBuilder builder(match::Subject::kClients, Translators());
  REQUIRE(builder.Add(KeyOf(a)));

  const auto subject =
      control::Subject::Of(entries::Kind::kClient, entry_key, site.key(), Translators());
  greylist::TupleRecord record;
  record.client = *IpAddress::Parse(b);  // as 0.1.0 noted it
  record.client_tag = greylist::IdentitiesOf(second, "", config.greylist, site.key()).client_tag();
  greylist::TupleRecord private_record = record;
  private_record.client.reset();
  const auto is_of = [&](const greylist::TupleRecord& one) {
    return subject.Matches(greylist::TupleKey{}, one) == control::Subject::Match::kYes;
  };
  config.greylist.network_v4 = 32;
  return {
      {"limit", LimitSaysSame(LimitPer::kClient, first_subject, second_subject)},
      {"entry", !entries::Match(read, index, question, site.clock.Now()).value().empty()},
      {"rule", std::move(builder).Build({}).MatchesClient(*second.client)},
      {"forget", is_of(record)},
      {"forget with privacy", is_of(private_record)},
      {"history", ClientKey(site.key(), *first.client) == ClientKey(site.key(), *second.client)},
      {"outcomes", outcomes::MissedName("x", *first.client, false) ==
                       outcomes::MissedName("x", *second.client, false)},
      {"allowance",
       greylist::IdentitiesOf(first, "", config.greylist, site.key()).client_hash ==
           greylist::IdentitiesOf(second, "", config.greylist, site.key()).client_hash},
      {"tuple", greylist::IdentitiesOf(first, "", config.greylist, site.key()).network_hash ==
                    greylist::IdentitiesOf(second, "", config.greylist, site.key()).network_hash},
      {"room", greylist::HolderOf(site.key(), *first.client) ==
                   greylist::HolderOf(site.key(), *second.client)},
  };
}

}  // namespace

TEST_CASE("all features agree about two spellings of a mailbox", "[engine]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  const auto& all = Mailboxes();
  for (int i = 0; i < 150; ++i) {
    const Mailbox& one = all[random() % all.size()];
    const Mailbox& other = Chance(random, 2) ? one : all[random() % all.size()];
    const std::string a = Spell(one, random);
    const std::string b = SpellWildly(other, random);
    const bool same = &one == &other;
    for (const auto& [feature, says_same] : AskAll(a, b)) {
      CAPTURE(a, b, feature);
      CHECK(says_same == same);
    }
    for (const auto& [feature, says_same] : AskGenerous(a, b)) {
      CAPTURE(a, b, feature);
      if (same) CHECK(says_same);
    }
  }
}

TEST_CASE("all features agree about two spellings of a client", "[engine]") {
  for (const Client& one : Clients()) {
    for (const Client& other : Clients()) {
      for (const std::string& a : one.spellings) {
        for (const std::string& b : other.spellings) {
          for (const auto& [feature, says_same] : AskAllOfClients(a, b)) {
            CAPTURE(a, b, feature);
            CHECK(says_same == (&one == &other));
          }
        }
      }
    }
  }
}

}  // namespace mxward
