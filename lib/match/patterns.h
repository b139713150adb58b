// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace mxward::match {

// What patterns are compared with.
enum class Subject : std::uint8_t { kClients, kNames, kAddresses };

// Patterns of one subject, of any number:
//
//   192.0.2.1, 192.0.2.0/24      of clients: an address or a prefix
//   example.org                  of names and addresses: that domain, and all below it
//   user@example.org, user@      of addresses: this one; this local part in any domain
//   @example.org                 of addresses: that domain alone
//   <>                           of addresses: the null sender
//   news-*@*.example.org         of names and addresses: '*' stands for any characters or none
//   /^mail[0-9]+\./              of names and addresses: a regular expression, see regex.h
//   !mx.example.org              an exception; any of the above can be one
//
// The most specific of the patterns without '*' and expressions decides: "example.org" with
// "!mx.example.org" means all of that domain but one. What one of the others excepts never matches.
// If all patterns are exceptions, and there is no list file, everything else matches. Domains and
// addresses may be written in any spelling; those with '*' and expressions are compared with the
// canonical form (base/canonical_address.h).
//
// A value, cheap to copy; constant, usable from any thread. Takes a microsecond for a million
// patterns, and time in proportion to the number of those with '*' and of expressions.
class Patterns {
 public:
  Patterns() = default;  // none: nothing matches
  ~Patterns();
  Patterns(const Patterns&);
  Patterns& operator=(const Patterns&);
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;

  bool empty() const { return compiled_ == nullptr; }
  // By ClientAddress(). REQUIRES: of kClients
  bool MatchesClient(const IpAddress& client) const;
  // In lower case, without a trailing dot. An empty one matches nothing. REQUIRES: of kNames
  bool MatchesName(std::string_view name) const;
  // In its canonical form (base/canonical_address.h); "" is the null sender. REQUIRES: of
  // kAddresses
  bool MatchesAddress(std::string_view address) const;

  // As they were written, a list file by its name.
  const std::vector<std::string>& items() const;
  std::size_t size() const;  // patterns, those of list files included
  // Differs, most likely, when they do.
  std::uint64_t digest() const;
  // The same patterns, also those in list files.
  bool operator==(const Patterns& other) const;

 private:
  friend class PatternsBuilder;
  struct Compiled;
  explicit Patterns(std::shared_ptr<const Compiled> compiled);

  std::shared_ptr<const Compiled> compiled_;
};

class PatternsBuilder {
 public:
  // nat64: of translators, see base/client_network.h. It outlives the builder.
  explicit PatternsBuilder(Subject subject, std::span<const Prefix> nat64 = {});
  ~PatternsBuilder();

  // A pattern as written. The message completes "rule.sender: ...".
  Result<void> Add(std::string_view text);
  // What stands in a list file, a pattern a line: blank lines, and what follows a '#' at the
  // beginning or after a blank, are not patterns. Says of the first few wrong lines which and why:
  // "12: ...".
  std::vector<std::string> AddLines(std::string_view content);
  // The finished patterns; items is what Patterns::items() gives back.
  Patterns Build(std::vector<std::string> items) &&;

  // Each costs time for every recipient.
  static constexpr std::size_t kMostSearched = 1000;  // with '*', and expressions

 private:
  Result<void> AddClient(std::string_view text, bool out);
  Result<void> AddDomain(std::string_view written, std::string_view mark, bool out);
  Result<void> AddAddress(std::string_view text, bool out);
  Result<void> AddKey(std::string_view key, bool out);

  Subject subject_;
  std::span<const Prefix> nat64_;
  std::unique_ptr<Patterns::Compiled> compiled_;
};

}  // namespace mxward::match
