// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/siphash.h"
#include "entries/entry.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"

namespace mxward::control {

// Whom or what `show` and `forget` are about, and which records belong to it. A value type.
//
// A person writes from more addresses than one: an address stands for its +tags, and a sender for
// what BATV, SRS and the like make of it, too. A domain stands for those below it.
class Subject {
 public:
  // As a person says it, for `show`: 32 hexadecimal digits are a tuple's key, then comes an address
  // or prefix of a client, an account of a service ("sendgrid:12345"), a mail address ("<>" is the
  // null sender), a domain. In doubt it matches
  // more.
  static Result<Subject> Guess(std::string_view text, const HashKey& hash_key,
                               std::vector<Prefix> nat64 = {});
  // Exactly what the entry kind says, for `forget`. REQUIRES: key is canonical
  static Subject Of(entries::Kind kind, const std::string& key, const HashKey& hash_key,
                    std::vector<Prefix> nat64 = {});

  // "tuple", "client", "account", "address", "domain", or the name of the kind of entry.
  std::string_view kind_name() const { return kind_name_; }
  // The text in its canonical form.
  const std::string& text() const { return text_; }
  // Set for a tuple's key: no other record can match.
  const std::optional<greylist::TupleKey>& tuple_key() const { return tuple_key_; }

  // Set when it is about clients by their address. A part of an IPv6 /64 stands for all of it.
  const std::optional<Prefix>& client() const { return client_; }

  enum class Match { kNo, kYes, kUnknown };  // kUnknown: the record does not store what would tell
  Match Matches(const greylist::TupleKey& key, const greylist::TupleRecord& record) const;
  Match Matches(std::uint64_t identity_hash, const greylist::AutoAllowRecord& record) const;
  // Folded tuples are a client's; whose mail they are about is not stored.
  Match Matches(const greylist::FoldedKey& key, const greylist::FoldedBlock& block) const;
  // Entries about the subject, and those about what it is part of or has in it.
  bool Matches(const entries::Entry& entry) const;

 private:
  Subject() = default;
  void SetClient(const Prefix& prefix, const HashKey& hash_key);
  void SetClientName(const std::string& name, const HashKey& hash_key);
  bool Holds(const IpAddress& client) const;
  bool MatchesSender(const greylist::TupleRecord& record) const;
  bool MatchesRecipient(const greylist::TupleRecord& record) const;

  std::vector<Prefix> nat64_;
  std::string_view kind_name_;
  std::string text_;
  std::optional<greylist::TupleKey> tuple_key_;
  // Each of those that are set is a way to match.
  std::optional<Prefix> client_;
  std::uint64_t client_hash_ = 0;  // of client_ if it is a single client, else 0
  std::uint64_t name_hash_ = 0;    // of a client name that is an organisational domain, else 0
  std::uint64_t organisation_hash_ = 0;  // of the same, as what has earned something
  std::string client_name_;
  std::optional<std::string> sender_;
  std::optional<std::string> recipient_;
  std::string sender_domain_;
  std::string recipient_domain_;
  std::string account_;  // of senders that would have it, were it proven
  std::string spf_of_;   // has entries only
};

}  // namespace mxward::control
