// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "config/options.h"
#include "config/value_text.h"

namespace mxward {
namespace {

class Writer {
 public:
  explicit Writer(const Config& config) : config_(config) {}

  OptionText operator()(const TextKind& kind) const {
    return OptionText::Quoted(kind.at.in(config_));
  }
  OptionText operator()(const FlagKind& kind) const {
    return OptionText::One(kind.at.in(config_) ? "true" : "false");
  }
  OptionText operator()(const IntegerKind& kind) const {
    return std::visit(
        [&](const auto& at) { return OptionText::One(std::to_string(at.in(config_))); }, kind.at);
  }
  OptionText operator()(const DurationKind& kind) const {
    return std::visit(
        [&](const auto& at) { return OptionText::Quoted(FormatDuration(at.in(config_))); },
        kind.at);
  }
  OptionText operator()(const SizeKind& kind) const {
    return OptionText::Quoted(FormatSize(kind.at.in(config_)));
  }
  OptionText operator()(const FileModeKind& kind) const {
    return OptionText::One(fmt::format("\"{:04o}\"", kind.at.in(config_)));
  }
  OptionText operator()(const WordKind& kind) const {
    return OptionText::Quoted(kind.word(kind.get(config_)));
  }
  OptionText operator()(const FlagListKind& kind) const { return List(kind.words); }
  OptionText operator()(const TextListKind& kind) const {
    OptionText out = List(kind.words);
    for (const std::string& item : kind.at.in(config_)) out.items.push_back(TomlQuote(item));
    return out;
  }
  OptionText operator()(const PrefixListKind& kind) const {
    OptionText out = List(kind.words);
    for (const Prefix& item : kind.at.in(config_)) out.items.push_back(TomlQuote(item.ToString()));
    return out;
  }
  OptionText operator()(const CertificateListKind& kind) const {
    OptionText out = List({});
    for (const TrustedCertificate& item : kind.at.in(config_)) {
      out.items.push_back(fmt::format("{{ subject = {}, issuer = {} }}", TomlQuote(item.subject),
                                      TomlQuote(item.issuer)));
    }
    return out;
  }

 private:
  OptionText List(std::span<const FlagWord> words) const {
    OptionText out;
    out.is_list = true;
    for (const FlagWord& word : words) {
      if (word.at.in(config_)) out.items.push_back(TomlQuote(word.word));
    }
    return out;
  }

  const Config& config_;
};

struct DefaultWriter {
  OptionText operator()(std::string_view text) const { return OptionText::Quoted(text); }
  OptionText operator()(bool flag) const { return OptionText::One(flag ? "true" : "false"); }
  OptionText operator()(std::int64_t integer) const {
    return OptionText::One(std::to_string(integer));
  }
  OptionText operator()(std::span<const std::string_view> items) const {
    OptionText out;
    out.is_list = true;
    for (const std::string_view item : items) out.items.push_back(TomlQuote(item));
    return out;
  }
};

struct OptionKindWriter {
  std::string operator()(const TextKind&) const { return "a text in quotes"; }
  std::string operator()(const FlagKind&) const { return "true or false"; }
  std::string operator()(const IntegerKind& kind) const {
    return fmt::format("an integer from {} to {}", kind.min, kind.max);
  }
  std::string operator()(const DurationKind& kind) const {
    return fmt::format("a duration in quotes, from {} to {}", FormatDuration(kind.min),
                       FormatDuration(kind.max));
  }
  std::string operator()(const SizeKind& kind) const {
    return fmt::format("a size in quotes, from {} to {}", FormatSize(kind.min),
                       FormatSize(kind.max));
  }
  std::string operator()(const FileModeKind&) const {
    return "a file mode of octal digits in quotes";
  }
  std::string operator()(const WordKind& kind) const {
    std::string out;
    for (std::size_t i = 0; i < kind.count; ++i) {
      if (i > 0) out += i + 1 == kind.count ? " or " : ", ";
      out += TomlQuote(kind.word(i));
    }
    return out;
  }
  std::string operator()(const FlagListKind& kind) const {
    std::string out = "a list with any of ";
    for (std::size_t i = 0; i < kind.words.size(); ++i) {
      if (i > 0) out += i + 1 == kind.words.size() ? " and " : ", ";
      out += TomlQuote(kind.words[i].word);
    }
    return out;
  }
  std::string operator()(const TextListKind& kind) const {
    return fmt::format("a list of {}", kind.items_name);
  }
  std::string operator()(const PrefixListKind&) const {
    return "a list of IP addresses and prefixes";
  }
  std::string operator()(const CertificateListKind&) const {
    return "a list of tables with subject and issuer";
  }
};

}  // namespace

OptionText OptionText::One(std::string item) { return {/*is_list=*/false, {std::move(item)}}; }

OptionText OptionText::Quoted(std::string_view text) { return One(TomlQuote(text)); }

std::string OptionText::OneLine() const {
  if (empty()) return {};
  if (!is_list) return items.front();
  return fmt::format("[{}]", fmt::join(items, ", "));
}

OptionText ValueOf(const Option& option, const Config& config) {
  return std::visit(Writer(config), option.kind);
}

OptionText DefaultOf(const Option& option) { return std::visit(DefaultWriter(), option.fallback); }

std::string DescribeKind(const Option& option) {
  return std::visit(OptionKindWriter(), option.kind);
}

}  // namespace mxward
