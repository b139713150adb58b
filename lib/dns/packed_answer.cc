// SPDX-License-Identifier: Apache-2.0
#include "dns/packed_answer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace mxward::dns {
namespace {

enum class Tag : char { kV4, kV6, kExchange, kText };

void AppendNumber(std::string& out, std::size_t number) {
  const auto value = static_cast<std::uint16_t>(std::min<std::size_t>(number, UINT16_MAX));
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xffU);
}

void AppendText(std::string& out, std::string_view text) {
  text = text.substr(0, UINT16_MAX);
  AppendNumber(out, text.size());
  out += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }
  std::string_view Take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint8_t Byte() {
    const auto taken = Take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }
  std::uint16_t Number() {
    const unsigned high = Byte();
    return static_cast<std::uint16_t>(high << 8U | Byte());
  }
  std::string_view Text() { return Take(Number()); }

 private:
  std::string_view rest_;
};

IpAddress ReadAddress(std::string_view bytes) {
  std::array<std::uint8_t, 16> address{};
  std::memcpy(address.data(), bytes.data(), std::min(bytes.size(), address.size()));
  if (bytes.size() == address.size()) return IpAddress::V6(address);
  return IpAddress::V4(std::uint32_t{address[0]} << 24U | std::uint32_t{address[1]} << 16U |
                       std::uint32_t{address[2]} << 8U | address[3]);
}

}  // namespace

std::string PackRecords(const Answer& answer) {
  std::string out;
  for (const IpAddress& address : answer.addresses) {
    out += static_cast<char>(address.is_v4() ? Tag::kV4 : Tag::kV6);
    out += address.view();
  }
  for (const MailExchange& exchange : answer.exchanges) {
    out += static_cast<char>(Tag::kExchange);
    AppendNumber(out, exchange.preference);
    AppendText(out, exchange.exchange);
  }
  for (const std::string& text : answer.texts) {
    out += static_cast<char>(Tag::kText);
    AppendText(out, text);
  }
  return out;
}

void UnpackRecords(std::string_view bytes, Answer& answer) {
  Reader reader(bytes);
  while (!reader.done()) {
    switch (static_cast<Tag>(reader.Byte())) {
      case Tag::kV4:
        answer.addresses.push_back(ReadAddress(reader.Take(4)));
        break;
      case Tag::kV6:
        answer.addresses.push_back(ReadAddress(reader.Take(16)));
        break;
      case Tag::kExchange: {
        const std::uint16_t preference = reader.Number();
        answer.exchanges.push_back({preference, std::string(reader.Text())});
        break;
      }
      case Tag::kText:
        answer.texts.emplace_back(reader.Text());
        break;
    }
  }
}

}  // namespace mxward::dns
