// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output/rows.h"

namespace mxward::cli {

// How the records of the API's answers are laid out in tables and TSV. TSV columns are part of the
// interface: new ones come last.
Layout TupleLayout();
Layout PendingLayout();
Layout EntryLayout();
Layout AutoAllowLayout();
Layout ClientLayout();  // the history of clients
Layout LimitLayout();   // who is near or over a limit
Layout RuleLayout();
Layout DecisionLayout();    // of watch
Layout FindingLayout();     // of explain
Layout ListLayout();        // DNS lists as configured, and their health
Layout ListTestLayout();    // the test points of DNS lists
Layout ListAnswerLayout();  // what DNS lists say

}  // namespace mxward::cli
