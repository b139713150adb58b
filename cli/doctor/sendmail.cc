// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/sendmail.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "base/text.h"

namespace mxward::cli::doctor {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const auto part = Trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "10s", "5m", "1h", "30": Sendmail's own default unit for filters is the second.
std::optional<Seconds> ParseTimeout(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.starts_with('h')) return Seconds(number * 3600);
  if (unit.starts_with('m')) return Seconds(number * 60);
  return Seconds(number);
}

// "mxward, S=local:/run/mxward/milter.sock, F=T, T=C:5m;S:10s"
SendmailFilter ParseFilter(std::string_view line) {
  SendmailFilter filter;
  for (const std::string& part : Split(line, ',')) {
    if (filter.name.empty()) {
      filter.name = part;
      continue;
    }
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view value = Trim(std::string_view(part).substr(equals + 1));
    if (part[0] == 'S') filter.socket = value;
    if (part[0] == 'F') filter.flags = value;
    if (part[0] != 'T') continue;
    for (const std::string& timeout : Split(value, ';')) {
      if (timeout.size() < 3 || timeout[1] != ':') continue;
      if (const auto parsed = ParseTimeout(std::string_view(timeout).substr(2))) {
        filter.timeouts[timeout[0]] = *parsed;
      }
    }
  }
  return filter;
}

// Name=MTA, Port=25, InputMailFilters=a;b: the first letter of a key is what counts.
void ParseDaemon(std::string_view value, SendmailConfig& config) {
  std::string name = "daemon";
  std::optional<std::vector<std::string>> filters;
  for (const std::string& part : Split(value, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view of = Trim(std::string_view(part).substr(equals + 1));
    if (part[0] == 'N') name = of;
    if (part[0] == 'I') filters = Split(of, ';');
  }
  if (filters) config.of_daemons.insert_or_assign(std::move(name), *std::move(filters));
}

void ParseOption(std::string_view line, SendmailConfig& config) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = Trim(line.substr(0, equals));
  const std::string_view value = Trim(line.substr(equals + 1));
  if (EqualsNoCase(name, "InputMailFilters")) config.input_filters = Split(value, ',');
  if (EqualsNoCase(name, "RunAsUser")) config.run_as = value.substr(0, value.find(':'));
  if (EqualsNoCase(name, "DaemonPortOptions")) ParseDaemon(value, config);
}

// Lines with what continues them.
std::vector<std::string> WholeLines(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    const bool continues = line.starts_with(' ') || line.starts_with('\t');
    if (continues && !lines.empty()) {
      lines.back() += line;
    } else {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

bool IsAmong(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Seconds SendmailFilter::Timeout(char what) const {
  constexpr Seconds kStandard{10};
  const auto found = timeouts.find(what);
  return found == timeouts.end() ? kStandard : found->second;
}

const SendmailFilter* SendmailConfig::Find(std::string_view name) const {
  const auto found = std::find_if(filters.begin(), filters.end(),
                                  [&](const SendmailFilter& one) { return one.name == name; });
  return found == filters.end() ? nullptr : &*found;
}

bool SendmailConfig::Uses(std::string_view name) const {
  if (IsAmong(input_filters, name)) return true;
  return std::any_of(of_daemons.begin(), of_daemons.end(),
                     [&](const auto& daemon) { return IsAmong(daemon.second, name); });
}

SendmailConfig ParseSendmail(std::string_view text, std::string path) {
  SendmailConfig config;
  config.path = std::move(path);
  for (const std::string& line : WholeLines(text)) {
    if (line.starts_with('X'))
      config.filters.push_back(ParseFilter(std::string_view(line).substr(1)));
    if (line.starts_with("O ")) ParseOption(std::string_view(line).substr(2), config);
  }
  return config;
}

Result<SendmailConfig> ReadSendmail(Machine& machine, const std::string& path) {
  MXWARD_TRY(const auto text, machine.Read(path));
  return ParseSendmail(text, path);
}

}  // namespace mxward::cli::doctor
