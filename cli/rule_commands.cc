// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/layouts.h"
#include "cli/listing.h"

namespace mxward::cli {

int RunRules(Context& context, const Words& words) {
  return PrintListing(context, words, Context::Needs::kDaemon, "/v1/rules", {}, RuleLayout());
}

}  // namespace mxward::cli
