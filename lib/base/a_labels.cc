// SPDX-License-Identifier: Apache-2.0
#include "base/a_labels.h"

#include <idn2.h>

#include <cstdint>
#include <memory>

#include "base/text.h"

namespace mxward {
namespace {

struct Idn2Deleter {
  void operator()(std::uint8_t* text) const { idn2_free(text); }
};

}  // namespace

std::optional<std::string> ToALabels(std::string_view domain) {
  if (domain.size() > a_labels::kMaxInput || IsAscii(domain)) return std::nullopt;
  // libidn2 would take the name to end there, and convert another.
  if (domain.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string text(domain);
  std::uint8_t* converted = nullptr;
  const int error = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(text.c_str()), &converted,
                                   IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<std::uint8_t, Idn2Deleter> owner(converted);
  if (error != IDN2_OK || converted == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(converted));
}

}  // namespace mxward
