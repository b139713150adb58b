// SPDX-License-Identifier: Apache-2.0
// Makes the daemon lose memory in each callback, built for AddressSanitizer only: the proof that a
// leak is reported when the daemon ends. To be preloaded (LD_PRELOAD): it stands in front of a
// function of libmilter's.
#include <dlfcn.h>
#include <libmilter/mfapi.h>

#include <cstdlib>

namespace {
void* volatile lost;  // volatile: compilers leave out an allocation that nobody looks at
}  // namespace

extern "C" __attribute__((visibility("default"))) char* smfi_getsymval(SMFICTX* context,
                                                                       char* name) {
  lost = std::malloc(100);
  lost = nullptr;
  using Function = char* (*)(SMFICTX*, char*);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "smfi_getsymval"));
  return real(context, name);
}
