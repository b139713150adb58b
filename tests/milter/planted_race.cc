// SPDX-License-Identifier: Apache-2.0
// A filter with a data race in a callback, built for ThreadSanitizer only: the proof that the
// suppressions for libmilter's own races leave ours visible. Usage: planted_race SOCKET
#include <libmilter/mfapi.h>
#include <unistd.h>

namespace {

int unguarded = 0;

sfsistat Recipient(SMFICTX*, char**) {
  for (int i = 0; i < 1000; ++i) ++unguarded;
  return SMFIS_CONTINUE;
}

}  // namespace

int main(int, char** argv) {
  char name[] = "planted_race";
  smfiDesc filter = {};
  filter.xxfi_name = name;
  filter.xxfi_version = SMFI_VERSION;
  filter.xxfi_envrcpt = Recipient;
  if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS) return 1;
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
