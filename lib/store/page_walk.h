// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/transaction.h"

namespace mxward::store {

// Reads a database's file page by page, without LMDB, which believes what a page says. LMDB has no
// checksums: one wrong bit can send it past the end of its map (SIGSEGV, SIGBUS), into an
// assertion, or around in a circle. Nothing here does: pages are read with pread(2), each length
// and each reference is checked before it is followed, and no page is visited twice.
//
// The format is LMDB 0.9's on machines with 64 bits, in the machine's own byte order (lmdb's mdb.c:
// MDB_meta, MDB_page, MDB_node, MDB_db).

// What a walk found.
struct WalkReport {
  std::string damage;         // the first that was found, where and what; empty: the file is sound
  std::uint64_t pages = 0;    // that were read
  std::uint64_t records = 0;  // of all tables
  std::uint64_t unreadable = 0;  // of those, that the visitor could not decode
};

// Called for each record; false: it cannot be decoded. The bytes are valid during the call.
using RecordVisitor =
    std::function<bool(Table table, std::string_view key, std::string_view value)>;

// Walks the free list and all tables of FOLDER/data.mdb, and stops at the first damage: a page that
// does not say where it is, is used twice, or lies past the end; nodes that overlap; keys out of
// order; counts that do not fit. LMDB reads and writes a file that passes without coming to grief.
// What a bit means inside of a record only the visitor can tell: an unreadable record is counted,
// and is not damage.
WalkReport CheckPages(const std::string& folder, const RecordVisitor& visitor);

// Visits whatever can be read of such a file, whole records only; what is damaged is left out.
// First what the last commit says, then, page by page where it differs, the one before: of two
// records with one key the first counts. Tables come in this order: the description, the
// administrator's entries, what clients have earned, then the rest. REQUIRES: nobody writes
// to the file.
WalkReport RescuePages(const std::string& file, const RecordVisitor& visitor);

// What the two first pages of a file say.
struct FileHead {
  std::uint64_t page_bytes = 0;
  std::uint64_t used_bytes = 0;  // up to the last page in use
  std::uint64_t file_bytes = 0;
};
// kCorrupt when LMDB should not be given this file. A file that is shorter than used_bytes need not
// be damaged: pages at the end may be free and never have been written.
Result<FileHead> ReadHead(const std::string& file);

// One value of the table of descriptions (Table::kMeta); empty when it cannot be read.
std::string ReadDescription(const std::string& file, std::string_view key);

}  // namespace mxward::store
