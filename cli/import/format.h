// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "control/json.h"

namespace mxward::cli {

// What a line of somebody's database says.
struct Imported {
  enum class Kind : std::uint8_t {
    kRecord,   // text: a line for the API, see control/transfer.h
    kFrame,    // text: the first line of an export, which goes in front of all that follow
    kExpired,  // by its own rules
    kLeftOut,  // means nothing here; text: what it is, one of few
    kGarbage,  // text: why it cannot be read
  };
  Kind kind = Kind::kGarbage;
  std::string text;
};
using ImportSink = std::function<void(Imported)>;

// Reads one format, a line at a time. Takes any bytes: nothing of a line is believed. Does no I/O;
// remembers at most a line.
class ImportReader {
 public:
  virtual ~ImportReader() = default;
  // line: without its end.
  virtual void Read(std::string_view line, const ImportSink& sink) = 0;
  // After the last line. What seems to be missing at the end; "" when nothing does.
  virtual std::string Finish() { return ""; }
};

// What a format's lines do not say.
struct ImportTerms {
  WallTime now{};
  std::optional<Seconds> delay;  // the other greylister's; nothing: its default
};

struct ImportFormat {
  std::string_view name;  // for --from
  // Whether this line can only be of this format; what is common to several says nothing.
  bool (*recognises)(std::string_view line);
  std::unique_ptr<ImportReader> (*make)(const ImportTerms& terms);
};
std::span<const ImportFormat> ImportFormats();

// import_mxward.cc, and so on.
bool LooksLikeMxward(std::string_view line);
std::unique_ptr<ImportReader> NewMxwardReader(const ImportTerms& terms);
bool LooksLikePostgrey(std::string_view line);
std::unique_ptr<ImportReader> NewPostgreyReader(const ImportTerms& terms);
bool LooksLikeMilterGreylist(std::string_view line);
std::unique_ptr<ImportReader> NewMilterGreylistReader(const ImportTerms& terms);
bool LooksLikeSpamdb(std::string_view line);
std::unique_ptr<ImportReader> NewSpamdbReader(const ImportTerms& terms);
bool LooksLikeSqlgrey(std::string_view line);
std::unique_ptr<ImportReader> NewSqlgreyReader(const ImportTerms& terms);

// What the readers have in common.

inline Imported Garbage(std::string why) { return {Imported::Kind::kGarbage, std::move(why)}; }
inline Imported LeftOut(std::string what) { return {Imported::Kind::kLeftOut, std::move(what)}; }

// Seconds since 1970 in decimal digits, as far as records go (till 2106).
std::optional<WallTime> ParseEpoch(std::string_view text);
std::optional<std::uint32_t> ParseCount(std::string_view text);

// Lines for the API. `client` is as wide as it is known; addresses as they were stored.
struct ImportedTuple {
  Prefix client;
  std::string sender;
  std::string recipient;
  WallTime first_seen{};
  WallTime last_seen{};
  std::uint32_t tries = 0;
};
Imported PendingTuple(const ImportedTuple& tuple);
Imported PassedTuple(const ImportedTuple& tuple);
// allowed: it needs no greylisting any more.
Imported AutoAllowedClient(const IpAddress& client, bool allowed, std::uint32_t passed,
                           WallTime last_used);
// An allow or block entry; expires: nothing for one that stays.
Imported EntryLine(std::string_view action, std::string_view kind, std::string_view key,
                   std::string_view note, WallTime updated, std::optional<WallTime> expires);

}  // namespace mxward::cli
