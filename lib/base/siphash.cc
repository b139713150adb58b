// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.h"

#include <sodium.h>

namespace mxward {

std::uint64_t SipHash(const HashKey& key, std::string_view data) {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(HashKey) && crypto_shorthash_BYTES == 8);
  unsigned char out[crypto_shorthash_BYTES];
  crypto_shorthash(out, reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                   key.data());
  std::uint64_t value = 0;
  for (const unsigned char byte : out) value = (value << 8) | byte;
  return value;
}

HashKey NewHashKey() {
  HashKey key;
  randombytes_buf(key.data(), key.size());
  return key;
}

}  // namespace mxward
