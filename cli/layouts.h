// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/rows.h"

namespace mxward::cli {

// How the records of the API's answers are laid out in tables and TSV. TSV columns are part of the
// interface: new ones come last.
Layout TupleLayout();
Layout PendingLayout();
Layout EntryLayout();
Layout EarnedLayout();

}  // namespace mxward::cli
