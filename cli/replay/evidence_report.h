// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "cli/output/output.h"
#include "cli/replay/new_evidence.h"
#include "config/config.h"
#include "control/json.h"

namespace mxward::cli {

// What a replay says about findings that are new in this version: how many clients each would make
// suspicious, which, and what would spare them.

// What of it the log could tell.
struct EvidenceSource {
  bool dns = false;                // SPF was evaluated
  std::uint64_t tls_sessions = 0;  // that the log tells of
};

// {"clients": {...}} and {"new_findings": [...]}; most: clients named for each finding.
Json ClientsJson(const NewEvidence& evidence);
Json NewFindingsJson(const NewEvidence& evidence, const Config& config,
                     const EvidenceSource& source, std::size_t most);
// The same for people, out of a document with these two members.
void WriteNewFindings(Output& output, const Json& document);

}  // namespace mxward::cli
