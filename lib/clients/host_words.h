// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mxward {

// What a word in a host's name says about the host, the weakest first.
enum class HostWord : std::uint8_t {
  kOther,
  kMail,    // "mail", "mx", "smtp", "relay", ...
  kHost,    // "host", "ip": lines and servers are called so
  kPool,    // "pool", "cust", "user", ...: many alike, and shared mail servers as well
  kAccess,  // "dsl", "dhcp", "dyn", ...: what the line is, or how its address is had
};

struct HostWords {
  bool mail = false;                      // there is a mail word
  HostWord strongest = HostWord::kOther;  // of the others
  bool several = false;                   // different access or pool words
  bool line = false;                      // an access word that no server is called by
  bool unset = false;                     // the first label says that nobody has set the name

  // Nobody names a server with two words for a line: "dynamic-adsl", "cust12.cable".
  bool SpeakOfALine() const { return several && strongest == HostWord::kAccess; }
};

// The words in the labels in front of the domain (HostPart()), in lower case. A word is a whole run
// of letters, or two of them written as one; "mail" and "smtp" may begin or end a longer one. Pure.
HostWords FindHostWords(std::string_view host_part);

}  // namespace mxward
