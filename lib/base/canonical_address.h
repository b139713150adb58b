// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward {

// The one form of a mailbox, for everything that compares mail addresses: entries, rules, limits,
// exemptions, `forget`, the greylist's key. RFC 5321 lets a client spell one mailbox in any number
// of ways, MTAs hand the spelling over as it came, and whoever could choose it could be as many
// senders or recipients as he likes.
//
//   no angle brackets, source route, comments, blanks between the parts
//   the local part in lower case, unquoted: "bob", b\ob and "b\ob" are bob. What cannot stand
//     without quotes has them, with as few backslashes as can be: "john doe", "a\"b"
//   UTF-8 in it (RFC 6531) case-folded and in NFC: what Postfix looks mailboxes up by
//   the domain in lower case and A-labels (a_labels.h), without a trailing dot; one of which no
//     A-labels can be made case-folded and in NFC
//   an address literal as RFC 5321 writes it: [192.0.2.1], [ipv6:2001:db8::1]
//
// A part from "+" on stays, and so does what only an MTA's configuration makes the same (aliases,
// user%domain). The null sender is "".
//
// An ordinary address in lower case has its form already: then nothing is copied. Any bytes, any
// length, in time proportional to it. The form of a form is itself.
class CanonicalAddress {
 public:
  // given: as the MTA hands it over. It outlives this object.
  explicit CanonicalAddress(std::string_view given);
  CanonicalAddress(const CanonicalAddress&) = delete;
  CanonicalAddress& operator=(const CanonicalAddress&) = delete;

  std::string_view text() const { return text_; }
  std::string_view local() const { return text_.substr(0, local_size_); }  // with its quotes
  std::string_view domain() const;                                         // "" without one
  // The given text is ASCII and had the form already.
  bool as_given() const { return as_given_; }

 private:
  std::string own_;
  std::string_view text_;
  std::size_t local_size_ = 0;
  bool as_given_ = false;
};

// The same as a text of its own.
std::string CanonicalAddressText(std::string_view given);

// That of a domain alone: "m\xc3\xbcller.Example." is "xn--mller-kva.example".
std::string CanonicalDomain(std::string_view given);

}  // namespace mxward
