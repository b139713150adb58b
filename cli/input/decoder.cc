// SPDX-License-Identifier: Apache-2.0
// The only file that includes the libraries of compression.
#include "cli/input/decoder.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

namespace mxward::cli {
namespace {

// A file of xz or zstd says how much memory its reader needs: not more than this.
constexpr std::uint64_t kMostMemory = 256 << 20;
constexpr int kMostZstdWindow = 27;  // 128 MB

// zlib and bzip2 count in 32 bits.
unsigned Limited(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

class GzipDecoder : public Decoder {
 public:
  GzipDecoder() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Ran Run(std::string_view& in, char*& out, std::size_t& room) override {
    if (!ready_) return Broken("out of memory");
    const unsigned given = Limited(in.size());
    const unsigned space = Limited(room);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = space;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(given - stream_.avail_in);
    out += space - stream_.avail_out;
    room -= space - stream_.avail_out;
    if (code == Z_STREAM_END) return Ran::kEnd;
    if (code == Z_OK || code == Z_BUF_ERROR) return Ran::kMore;
    return Broken(stream_.msg != nullptr ? stream_.msg : "not what gzip writes");
  }
  bool Restart() override { return inflateReset(&stream_) == Z_OK; }

 private:
  Ran Broken(const char* why) {
    why_ = why;
    return Ran::kBroken;
  }

  z_stream stream_{};
  bool ready_ = false;
};

class Bzip2Decoder : public Decoder {
 public:
  Bzip2Decoder() { Begin(); }
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&stream_); }

  Ran Run(std::string_view& in, char*& out, std::size_t& room) override {
    const unsigned given = Limited(in.size());
    const unsigned space = Limited(room);
    stream_.next_in = const_cast<char*>(in.data());
    stream_.avail_in = given;
    stream_.next_out = out;
    stream_.avail_out = space;
    const int code = ready_ ? BZ2_bzDecompress(&stream_) : BZ_MEM_ERROR;
    in.remove_prefix(given - stream_.avail_in);
    out += space - stream_.avail_out;
    room -= space - stream_.avail_out;
    if (code == BZ_STREAM_END) return Ran::kEnd;
    if (code == BZ_OK) return Ran::kMore;
    why_ = code == BZ_MEM_ERROR ? "out of memory" : "not what bzip2 writes";
    return Ran::kBroken;
  }
  bool Restart() override {
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    Begin();
    return ready_;
  }

 private:
  void Begin() { ready_ = BZ2_bzDecompressInit(&stream_, /*verbosity=*/0, /*small=*/0) == BZ_OK; }

  bz_stream stream_{};
  bool ready_ = false;
};

class XzDecoder : public Decoder {
 public:
  XzDecoder() { Restart(); }
  ~XzDecoder() override { lzma_end(&stream_); }

  Ran Run(std::string_view& in, char*& out, std::size_t& room) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret code = ready_ ? lzma_code(&stream_, LZMA_RUN) : LZMA_MEM_ERROR;
    in.remove_prefix(in.size() - stream_.avail_in);
    out += room - stream_.avail_out;
    room = stream_.avail_out;
    switch (code) {
      case LZMA_STREAM_END:
        return Ran::kEnd;
      case LZMA_OK:
      case LZMA_BUF_ERROR:
        return Ran::kMore;
      case LZMA_MEM_ERROR:
        why_ = "out of memory";
        break;
      case LZMA_MEMLIMIT_ERROR:
        why_ = "would need more than 256 MB of memory";
        break;
      default:
        why_ = "not what xz writes";
    }
    return Ran::kBroken;
  }
  bool Restart() override {
    ready_ = lzma_stream_decoder(&stream_, kMostMemory, 0) == LZMA_OK;
    return ready_;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class ZstdDecoder : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMostZstdWindow);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  Ran Run(std::string_view& in, char*& out, std::size_t& room) override {
    if (stream_ == nullptr) {
      why_ = "out of memory";
      return Ran::kBroken;
    }
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out, room, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &to, &from);
    in.remove_prefix(from.pos);
    out += to.pos;
    room -= to.pos;
    if (ZSTD_isError(code) != 0) {
      why_ = ZSTD_getErrorName(code);
      return Ran::kBroken;
    }
    return code == 0 ? Ran::kEnd : Ran::kMore;
  }
  bool Restart() override {
    return stream_ != nullptr &&
           ZSTD_isError(ZSTD_DCtx_reset(stream_, ZSTD_reset_session_only)) == 0;
  }

 private:
  ZSTD_DStream* stream_;
};

}  // namespace

std::unique_ptr<Decoder> Decoder::For(std::string_view begin) {
  using namespace std::string_view_literals;
  if (begin.starts_with("\x1f\x8b")) return std::make_unique<GzipDecoder>();
  if (begin.starts_with("\xfd"
                        "7zXZ\0"sv)) {
    return std::make_unique<XzDecoder>();
  }
  if (begin.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdDecoder>();
  if (begin.starts_with("BZh") && begin.size() > 3 && begin[3] >= '1' && begin[3] <= '9') {
    return std::make_unique<Bzip2Decoder>();
  }
  return nullptr;
}

}  // namespace mxward::cli
