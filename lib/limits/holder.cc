// SPDX-License-Identifier: Apache-2.0
#include "limits/holder.h"

#include <cstddef>

namespace mxward::limits {

Holder::Holder(const IpAddress& client) {
  const std::size_t length = client.is_v4() ? 2 : 6;
  for (std::size_t i = 0; i < length; ++i) number_ = (number_ << 8) | client.bytes()[i];
  if (!client.is_v4()) number_ |= kV6;
}

Holder Holder::OfNumber(std::uint64_t number) {
  Holder holder;
  holder.number_ = number & (2 * kV6 - 1);
  return holder;
}

}  // namespace mxward::limits
