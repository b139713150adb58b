// SPDX-License-Identifier: Apache-2.0
// Whatever a TXT record holds: reading it ends within bounds, what it read is of the record and in
// its order, and names that macros come to are short.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spf/macro.h"
#include "spf/record.h"

namespace mxward::spf {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckSpec(std::string_view spec, const MacroValues& values) {
  const std::string name = ExpandDomain(spec, values);
  Require(name.size() <= 253 || !IsDomainName(name));
  Require(name.size() <= 8 * 1024);
  Require(HasMacro(spec) || (!NeedsValidName(spec) && !DependsOnSession(spec)));
  Require(!NeedsValidName(spec) || DependsOnSession(spec));
}

void CheckTerm(const Term& term, std::string_view record, const MacroValues& values) {
  Require(!term.text.empty() && term.text.find(' ') == std::string_view::npos);
  Require(term.text.data() >= record.data() &&
          term.text.data() + term.text.size() <= record.data() + record.size());
  Require(term.length4 >= 0 && term.length4 <= 32 && term.length6 >= 0 && term.length6 <= 128);
  for (const char c : term.text) Require(c > ' ' && c < '\x7f');
  if (!term.spec.empty()) {
    Require(term.AsksDns() && CheckDomainSpec(term.spec, /*one_label=*/true));
    CheckSpec(term.spec, values);
  }
  if (term.mechanism == Mechanism::kIp4 || term.mechanism == Mechanism::kIp6) {
    Require(term.network.is_v4 == (term.mechanism == Mechanism::kIp4));
    const IpAddress itself =
        term.network.is_v4
            ? IpAddress::V4(std::uint32_t{term.network.bytes[0]} << 24U |
                            std::uint32_t{term.network.bytes[1]} << 16U |
                            std::uint32_t{term.network.bytes[2]} << 8U | term.network.bytes[3])
            : IpAddress::V6(term.network.bytes);
    // "::ffff:192.0.2.1" is no client's address.
    if (itself.is_v4() == term.network.is_v4) {
      Require(term.network.Holds(itself, term.network.is_v4 ? term.length4 : term.length6));
    }
  }
}

void Run(std::string_view input) {
  const std::string text = "v=spf1 " + std::string(input);
  const std::string local_part(input.substr(0, 300));
  const MacroValues values{.local_part = local_part,
                           .sender_domain = "sender.example",
                           .domain = "domain.example",
                           .helo = local_part,
                           .valid_name = "unknown",
                           .client = IpAddress::V4(0xc0000201)};
  if (CheckDomainSpec(input, /*one_label=*/false)) {
    Require(bool(CheckDomainSpec(input, /*one_label=*/true)));
    CheckSpec(input, values);
  }
  if (!SelectRecords({std::string(input)}).empty()) Require(input.size() >= 6);
  const auto record = Record::Parse(text);
  if (!record) {
    Require(!record.error().message.empty());
    return;
  }
  Require(record->text() == text);
  Require(bool(Record::Parse(text, /*one_label=*/true)));
  std::size_t place = 0;
  const char* end = nullptr;
  while (const auto term = record->Next(place)) {
    Require(end == nullptr || term->text.data() > end);
    end = term->text.data() + term->text.size();
    CheckTerm(*term, record->text(), values);
  }
  if (!record->redirect().empty()) CheckSpec(record->redirect(), values);
}

}  // namespace
}  // namespace mxward::spf

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mxward::spf::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
