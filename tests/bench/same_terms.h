// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "cli/probe/milter_wire.h"

// What the do-nothing filter *same* negotiates: exactly what mxward does with its default
// configuration. mxward_bench compares this with what the daemon really asks for and complains
// when they differ, so a change of the adapter's terms is a change here.

namespace mxward {

inline constexpr std::uint32_t kSameActions = milter_action::kSetMacroLists;

inline constexpr std::uint32_t kSameProtocol =
    milter_protocol::kNrConnect | milter_protocol::kNrHelo | milter_protocol::kNoData |
    milter_protocol::kNoHeaders | milter_protocol::kNoEndOfHeaders | milter_protocol::kNoBody |
    milter_protocol::kNoUnknown | milter_protocol::kRejectedRcpt;

struct SameMacroList {
  MilterStage stage;
  const char* names;
};

inline constexpr std::array<SameMacroList, 4> kSameMacroLists = {{
    {MilterStage::kConnect,
     "j {client_name} {client_ptr} {client_resolve} {daemon_name} {daemon_port}"},
    {MilterStage::kHelo, "{tls_version} {verify} {cert_subject} {cert_issuer}"},
    {MilterStage::kMail, "i {auth_authen} {tls_version} {verify} {cert_subject} {cert_issuer}"},
    {MilterStage::kRcpt, "i {rcpt_mailer} {rcpt_host} {rcpt_addr}"},
}};

}  // namespace mxward
