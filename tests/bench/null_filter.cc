// SPDX-License-Identifier: Apache-2.0
// A libmilter filter that does nothing, as the yardstick of the benchmark: what is left of mxward's
// cost above it is mxward's own. Usage: mxward_null_filter --mode full|same SOCKET
//
//   full  answers connect, helo, mail, rcpt and the end of the message, as the common filters do
//   same  negotiates what mxward negotiates by default (same_terms.h): mail, rcpt and the end

#include <libmilter/mfapi.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/bench/same_terms.h"

namespace mxward {
namespace {

constexpr std::uint32_t kFullProtocol =
    milter_protocol::kNoHeaders | milter_protocol::kNoEndOfHeaders | milter_protocol::kNoBody |
    milter_protocol::kNoUnknown | milter_protocol::kNoData;

using Word = unsigned long;  // NOLINT(google-runtime-int): libmilter's

sfsistat NegotiateFull(SMFICTX*, Word, Word offered, Word, Word, Word* actions, Word* protocol,
                       Word* unused2, Word* unused3) {
  *actions = 0;
  *protocol = kFullProtocol & offered;
  *unused2 = 0;
  *unused3 = 0;
  return SMFIS_CONTINUE;
}

sfsistat NegotiateSame(SMFICTX* context, Word offered_actions, Word offered, Word, Word,
                       Word* actions, Word* protocol, Word* unused2, Word* unused3) {
  for (const SameMacroList& list : kSameMacroLists) {
    std::string names = list.names;  // libmilter wants it writable
    smfi_setsymlist(context, static_cast<int>(list.stage), names.data());
  }
  *actions = kSameActions & offered_actions;
  *protocol = kSameProtocol & offered;
  *unused2 = 0;
  *unused3 = 0;
  return SMFIS_CONTINUE;
}

// What a stage answers that the MTA does not wait for. Anything else but NOREPLY is dropped by
// libmilter, and each time written to the system log, which costs more than all the rest.
sfsistat quiet_stage = SMFIS_CONTINUE;

sfsistat OnConnect(SMFICTX*, char*, _SOCK_ADDR*) { return quiet_stage; }
sfsistat OnHelo(SMFICTX*, char*) { return quiet_stage; }
sfsistat OnMail(SMFICTX*, char**) { return SMFIS_CONTINUE; }
sfsistat OnRcpt(SMFICTX*, char**) { return SMFIS_CONTINUE; }
sfsistat OnEndOfMessage(SMFICTX*) { return SMFIS_CONTINUE; }
sfsistat OnAbort(SMFICTX*) { return SMFIS_CONTINUE; }
sfsistat OnClose(SMFICTX*) { return SMFIS_CONTINUE; }

int Main(int argc, char** argv) {
  const std::string_view mode = argc == 4 && std::string_view(argv[1]) == "--mode" ? argv[2] : "";
  if (mode != "full" && mode != "same") {
    std::fprintf(stderr, "usage: %s --mode full|same SOCKET\n", argv[0]);
    return 64;
  }
  std::string name = "null";
  smfiDesc filter{};
  filter.xxfi_name = name.data();
  filter.xxfi_version = SMFI_VERSION;
  filter.xxfi_flags = SMFIF_NONE;
  filter.xxfi_connect = OnConnect;
  filter.xxfi_helo = OnHelo;
  filter.xxfi_envfrom = OnMail;
  filter.xxfi_envrcpt = OnRcpt;
  filter.xxfi_eom = OnEndOfMessage;
  filter.xxfi_abort = OnAbort;
  filter.xxfi_close = OnClose;
  filter.xxfi_negotiate = NegotiateFull;
  if (mode == "same") {
    filter.xxfi_negotiate = NegotiateSame;
    quiet_stage = SMFIS_NOREPLY;
  }

  std::string socket = std::string("unix:") + argv[3];
  umask(0077);
  if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(socket.data()) != MI_SUCCESS ||
      smfi_opensocket(true) != MI_SUCCESS) {
    std::fprintf(stderr, "%s: cannot listen on %s\n", argv[0], socket.c_str());
    return 1;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}

}  // namespace
}  // namespace mxward

int main(int argc, char** argv) { return mxward::Main(argc, argv); }
