// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"
#include "cli/doctor/machine.h"

namespace mxward::cli {

// "mxwardctl doctor" on any machine.
int RunDoctorOn(doctor::Machine& machine, Context& context, const Words& words);

}  // namespace mxward::cli
