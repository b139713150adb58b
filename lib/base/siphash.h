// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxward {

using HashKey = std::array<std::uint8_t, 16>;

// SipHash-2-4: a keyed 64-bit hash for what is kept on disk. Without the key nobody can
// make two senders collide, or test a guess at an address. Thread-safe.
std::uint64_t SipHash(const HashKey& key, std::string_view data);
// 16 bytes from the system's random source.
HashKey NewHashKey();

}  // namespace mxward
