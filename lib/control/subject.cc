// SPDX-License-Identifier: Apache-2.0
#include "control/subject.h"

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "clients/organisation.h"
#include "control/filters.h"
#include "greylist/identity.h"
#include "greylist/sender.h"
#include "match/accounts.h"
#include "policy/permissions.h"

namespace mxward::control {
namespace {

using entries::Entry;
using entries::Kind;
using greylist::AutoAllowRecord;
using greylist::TupleKey;
using greylist::TupleRecord;

constexpr std::size_t kTupleDigits = 32;
constexpr std::string_view kNullSender = "<>";

std::string WithoutTag(std::string_view address) {
  const CanonicalAddress parts(address);
  std::string bare(parts.local().substr(0, parts.local().find('+')));
  if (!parts.domain().empty()) bare.append("@").append(parts.domain());
  return bare;
}

bool IsPartOf(const Prefix& inner, const Prefix& outer) {
  return inner.length() >= outer.length() && outer.Contains(inner.address());
}

bool Overlap(const Prefix& a, const Prefix& b) { return IsPartOf(a, b) || IsPartOf(b, a); }

bool Related(std::string_view a, std::string_view b) {
  return IsAtOrBelow(a, b) || IsAtOrBelow(b, a);
}

}  // namespace

void Subject::SetClient(const Prefix& prefix, const HashKey& hash_key) {
  client_ = ClientPrefix(prefix, nat64_);
  text_ = client_->ToString();
  const Prefix one = ClientNetwork(client_->address());
  if (client_->length() < one.length()) return;
  client_ = one;
  client_hash_ = greylist::HashPrefix(hash_key, one);
}

void Subject::SetClientName(const std::string& name, const HashKey& hash_key) {
  client_name_ = name;
  if (OrganisationalDomain(name) != name) return;
  name_hash_ = greylist::HashName(hash_key, name);
  organisation_hash_ = greylist::HashOrganisation(hash_key, name);
}

Result<Subject> Subject::Guess(std::string_view text, const HashKey& hash_key,
                               std::vector<Prefix> nat64) {
  text = Trim(text);
  Subject subject;
  subject.nat64_ = std::move(nat64);
  if (text.size() == kTupleDigits) {
    if (const auto key = HexDecode(text)) {
      subject.kind_name_ = "tuple";
      subject.tuple_key_ = TupleKey::Decode(*key);
      subject.text_ = ToLower(text);
      return subject;
    }
  }
  const bool mail_address = text.find('@') != std::string_view::npos || text == kNullSender;
  const auto prefix = Prefix::Parse(text);
  if (prefix) {
    subject.kind_name_ = "client";
    subject.SetClient(*prefix, hash_key);
    return subject;
  }
  if (const auto account = entries::CanonicalKey(Kind::kAccount, text);
      account && account->find(accounts::kSeparator) != std::string::npos) {
    return Of(Kind::kAccount, *account, hash_key, std::move(subject.nat64_));
  }
  // What has a slash or a colon was meant to be a network; its own error says more.
  if (!mail_address && text.find_first_of("/:") != std::string_view::npos) {
    return Fail(prefix.error());
  }
  if (mail_address) {
    auto address = entries::CanonicalKey(Kind::kSender, text);
    if (!address) return Fail(address.error());
    subject.kind_name_ = "address";
    subject.text_ = *address;
    subject.sender_ = *address;
    if (*address != kNullSender) subject.recipient_ = *std::move(address);
    return subject;
  }
  auto domain = entries::CanonicalKey(Kind::kSenderDomain, text);
  if (!domain) {
    return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text, 80) +
                                         "\" is neither a key of 32 digits, nor an address or "
                                         "prefix of a client, nor a mail address, nor a domain");
  }
  subject.kind_name_ = "domain";
  subject.SetClientName(*domain, hash_key);
  subject.sender_domain_ = subject.recipient_domain_ = subject.text_ = *std::move(domain);
  return subject;
}

Subject Subject::Of(Kind kind, const std::string& key, const HashKey& hash_key,
                    std::vector<Prefix> nat64) {
  Subject subject;
  subject.nat64_ = std::move(nat64);
  subject.kind_name_ = WordOf(kind);
  subject.text_ = key;
  switch (kind) {
    case Kind::kClient:
      if (const auto prefix = Prefix::Parse(key)) subject.SetClient(*prefix, hash_key);
      break;
    case Kind::kClientName:
      subject.SetClientName(key, hash_key);
      break;
    case Kind::kSender:
      subject.sender_ = key;
      break;
    case Kind::kSenderDomain:
      subject.sender_domain_ = key;
      break;
    case Kind::kRecipient:
      subject.recipient_ = key;
      break;
    case Kind::kRecipientDomain:
      subject.recipient_domain_ = key;
      break;
    case Kind::kSpfOf:
      subject.spf_of_ = key;
      break;
    case Kind::kAccount:
      subject.account_ = key;
      break;
  }
  return subject;
}

// Records of before may have the address of a translator.
bool Subject::Holds(const IpAddress& client) const {
  return client_->Contains(ClientAddress(client, nat64_));
}

bool Subject::MatchesSender(const TupleRecord& record) const {
  if (*sender_ == kNullSender) return record.sender.empty();
  const CanonicalAddress sender(record.sender);
  if (sender.text() == *sender_) return true;
  const CanonicalAddress wanted(*sender_);
  const std::string normal = FoldSender(sender.text(), CanonicalAddress(record.recipient).text());
  // An SRS address carries the original one: srs=example.org=user@forwarder.example
  const std::string forwarded =
      "srs=" + std::string(wanted.domain()) + "=" + std::string(wanted.local()) + "@";
  return normal == *sender_ || normal.starts_with(forwarded);
}

bool Subject::MatchesRecipient(const TupleRecord& record) const {
  const CanonicalAddress plain(record.recipient);
  return plain.text() == *recipient_ || WithoutTag(plain.text()) == *recipient_;
}

Subject::Match Subject::Matches(const TupleKey& key, const TupleRecord& record) const {
  if (record.state == greylist::State::kForgotten) return Match::kNo;
  if (tuple_key_) return key == *tuple_key_ ? Match::kYes : Match::kNo;
  if (name_hash_ != 0 && record.name_hash == name_hash_) return Match::kYes;
  if (client_) {
    if (record.client) return Holds(*record.client) ? Match::kYes : Match::kNo;
    if (client_hash_ == 0) return Match::kUnknown;
    return record.client_tag == client_hash_ >> 32 ? Match::kYes : Match::kNo;
  }
  const bool about_mail = sender_ || recipient_ || !sender_domain_.empty() ||
                          !recipient_domain_.empty() || !account_.empty();
  if (!about_mail) return Match::kNo;
  if (!record.client) return Match::kUnknown;
  const bool matches = (sender_ && MatchesSender(record)) ||
                       (recipient_ && MatchesRecipient(record)) ||
                       (!account_.empty() && policy::AccountBySpf(record.sender) == account_) ||
                       IsAtOrBelow(DomainOf(record.sender), sender_domain_) ||
                       IsAtOrBelow(DomainOf(record.recipient), recipient_domain_);
  return matches ? Match::kYes : Match::kNo;
}

Subject::Match Subject::Matches(std::uint64_t identity_hash, const AutoAllowRecord& record) const {
  if (record.forgotten) return Match::kNo;
  if (name_hash_ != 0 && (identity_hash == name_hash_ || identity_hash == organisation_hash_)) {
    return Match::kYes;
  }
  if (!client_) return Match::kNo;
  if (client_hash_ != 0) return identity_hash == client_hash_ ? Match::kYes : Match::kNo;
  if (record.identity.empty()) return Match::kUnknown;
  constexpr std::string_view kClient = "client:";
  if (!record.identity.starts_with(kClient)) return Match::kNo;
  const auto earner = Prefix::Parse(std::string_view(record.identity).substr(kClient.size()));
  return earner && IsPartOf(*earner, *client_) ? Match::kYes : Match::kNo;
}

Subject::Match Subject::Matches(const greylist::FoldedKey& key,
                                const greylist::FoldedBlock& block) const {
  if (!client_) return Match::kNo;
  if (client_hash_ != 0) return key.client == client_hash_ ? Match::kYes : Match::kNo;
  if (!block.client) return Match::kUnknown;
  return Holds(*block.client) ? Match::kYes : Match::kNo;
}

bool Subject::Matches(const Entry& entry) const {
  if (entry.forgotten) return false;
  switch (entry.kind) {
    case Kind::kClient: {
      const auto prefix = Prefix::Parse(entry.key);
      return client_ && prefix && Overlap(*client_, *prefix);
    }
    case Kind::kClientName:
      return Related(entry.key, client_name_);
    case Kind::kSender:
      return sender_ ? entry.key == *sender_ : IsAtOrBelow(DomainOf(entry.key), sender_domain_);
    case Kind::kSenderDomain:
      return sender_ ? IsAtOrBelow(DomainOf(*sender_), entry.key)
                     : Related(entry.key, sender_domain_);
    case Kind::kRecipient:
      return recipient_ ? entry.key == *recipient_
                        : IsAtOrBelow(DomainOf(entry.key), recipient_domain_);
    case Kind::kRecipientDomain:
      return recipient_ ? IsAtOrBelow(DomainOf(*recipient_), entry.key)
                        : Related(entry.key, recipient_domain_);
    case Kind::kSpfOf:
      return !spf_of_.empty() ? entry.key == spf_of_ : Related(entry.key, sender_domain_);
    case Kind::kAccount:
      return !account_.empty() ? entry.key == account_ : Related(entry.key, sender_domain_);
  }
  return false;
}

}  // namespace mxward::control
