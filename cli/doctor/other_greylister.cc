// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/other_greylister.h"

#include <array>

#include "base/text.h"

namespace mxward::cli::doctor {
namespace {

struct Known {
  std::string_view mark;  // a part of the address in lower case; ":PORT" is its end
  std::string_view program;
};

constexpr std::array kPolicyServices = {
    Known{":10023", "postgrey"},      Known{"postgrey", "postgrey"},
    Known{":2501", "sqlgrey"},        Known{"sqlgrey", "sqlgrey"},
    Known{":10031", "cluebringer"},   Known{"cluebringer", "cluebringer"},
    Known{"policyd2", "cluebringer"}, Known{":2525", "gld"},
    Known{"greyfix", "greyfix"},      Known{"gps", "gps"},
    Known{"grossd", "gross"},         Known{":5525", "gross"},
    Known{"grey", "a greylister"},
};
constexpr std::array kMilters = {
    Known{"milter-greylist", "milter-greylist"},
    Known{"greylist", "milter-greylist"},
    Known{":11332", kRspamd},
    Known{"rspamd", kRspamd},
    Known{"rmilter", "rmilter"},
};

template <std::size_t kSize>
std::string_view Find(const std::array<Known, kSize>& table, std::string_view address) {
  const std::string lower = ToLower(address);
  for (const Known& known : table) {
    const bool port = known.mark.starts_with(':');
    const bool found = port ? std::string_view(lower).ends_with(known.mark)
                            : lower.find(known.mark) != std::string::npos;
    if (found) return known.program;
  }
  return "";
}

}  // namespace

std::string_view GreylisterAtPolicyService(std::string_view address) {
  return Find(kPolicyServices, address);
}

std::string_view GreylisterAtMilter(std::string_view address) { return Find(kMilters, address); }

}  // namespace mxward::cli::doctor
