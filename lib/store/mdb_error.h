// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmdb.h>

#include <string>

#include "base/result.h"

namespace mxward::store {

// LMDB's return code as an Error. LMDB 0.9 reports a full disk as EIO, because it sees a short
// write.
inline tl::unexpected<Error> MdbFail(const std::string& context, int code) {
  ErrorCode kind = ErrorCode::kIo;
  if (code == MDB_MAP_FULL) kind = ErrorCode::kFull;
  if (code == MDB_CORRUPTED || code == MDB_INVALID || code == MDB_PAGE_NOTFOUND) {
    kind = ErrorCode::kCorrupt;
  }
  return Fail(kind, context + ": " + mdb_strerror(code));
}

}  // namespace mxward::store
