// SPDX-License-Identifier: Apache-2.0
#include "clients/organisation.h"

#include <libpsl.h>

#include <algorithm>

#include "base/text.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Underscores are no host names' (RFC 952), but stand in reverse names all the same.
bool IsHostName(std::string_view name) {
  if (name.size() > kMaxName) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!IsNameByte(c) || ++label > kMaxLabel) {
      return false;
    }
  }
  return label != 0;
}

}  // namespace

std::string OrganisationalDomain(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::string name = ToLower(host);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || !IsHostName(name)) return {};
  const std::string_view top = std::string_view(name).substr(dot + 1);
  // No top-level domain is a number, so this is an address, whole or in part.
  if (std::all_of(top.begin(), top.end(), [](char c) { return c >= '0' && c <= '9'; })) return {};
  if (top == "arpa") return {};
  // The list compiled into libpsl: it costs no memory of ours and no start-up time, and two hosts
  // with the same library agree on what an organisation is. psl_latest() would read the file of
  // the publicsuffix package where that is newer.
  const char* domain = psl_registrable_domain(psl_builtin(), name.c_str());
  return domain == nullptr ? std::string() : std::string(domain);
}

}  // namespace mxward
