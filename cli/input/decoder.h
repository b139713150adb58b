// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mxward::cli {

// Takes apart what one of these programs compressed: gzip, bzip2, xz, zstd. Not thread-safe.
class Decoder {
 public:
  // The one for data that begins so; nothing when it is not compressed, or nobody knows how.
  static std::unique_ptr<Decoder> For(std::string_view begin);
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  enum class Ran : std::uint8_t {
    kMore,    // it goes on; input or room for output has run out
    kEnd,     // the compressed stream is over; another may follow
    kBroken,  // why(): what is no such data, or wants too much memory
  };
  // Reads from in and writes to out as far as both go, and moves them on.
  virtual Ran Run(std::string_view& in, char*& out, std::size_t& room) = 0;
  // A new stream begins.
  virtual bool Restart() = 0;
  const std::string& why() const { return why_; }

  // The longest of the signatures that For() looks at.
  static constexpr std::size_t kSignature = 6;

 protected:
  Decoder() = default;
  std::string why_;
};

}  // namespace mxward::cli
