// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/postfix.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>

#include "base/ip_address.h"
#include "base/text.h"
#include "cli/doctor/milter_list.h"
#include "facts/session_facts.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::array kParameters = {
    "compatibility_level",
    "content_filter",
    "mail_owner",
    "master_service_disable",
    "milter_command_timeout",
    "milter_connect_timeout",
    "milter_default_action",
    "milter_protocol",
    "mynetworks",
    "non_smtpd_milters",
    "postscreen_bare_newline_enable",
    "postscreen_non_smtp_command_enable",
    "postscreen_pipelining_enable",
    "postscreen_upstream_proxy_protocol",
    "queue_directory",
    "smtpd_authorized_xclient_hosts",
    "smtpd_client_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
    "smtpd_enforce_tls",
    "smtpd_helo_restrictions",
    "smtpd_milters",
    "smtpd_peername_lookup",
    "smtpd_proxy_filter",
    "smtpd_recipient_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_restriction_classes",
    "smtpd_sender_restrictions",
    "smtpd_tls_security_level",
    "smtpd_tls_wrappermode",
    "smtpd_upstream_proxy_protocol",
    "smtpd_use_tls",
};

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (!Trim(line).empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// "name = value"
std::pair<std::string, std::string> ParseSetting(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {std::string(Trim(line)), ""};
  return {std::string(Trim(line.substr(0, equals))), std::string(Trim(line.substr(equals + 1)))};
}

std::vector<std::string> Blanks(std::string_view line) {
  std::istringstream stream{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  return words;
}

void AddSettings(std::string_view printed, PostfixInstance& instance) {
  for (const std::string& line : Lines(printed)) {
    auto [name, value] = ParseSetting(line);
    instance.parameters.insert_or_assign(std::move(name), std::move(value));
  }
}

// The enabled ones of "postmulti -l": name, group, "y" or "n", folder.
std::vector<std::string> EnabledFolders(std::string_view listing) {
  std::vector<std::string> folders;
  for (const std::string& line : Lines(listing)) {
    const auto words = Blanks(line);
    if (words.size() == 4 && words[2] == "y") folders.push_back(words[3]);
  }
  return folders;
}

bool IsDisabled(const PostfixService& service, const std::string& disabled) {
  for (const std::string& word : SplitPostfixList(disabled)) {
    if (word == service.type || word == service.Label()) return true;
  }
  return false;
}

Result<PostfixInstance> ReadInstance(Machine& machine, const std::string& folder, bool primary) {
  PostfixInstance instance;
  instance.directory = folder;
  instance.primary = primary;
  std::vector<std::string> words = {"-c", folder, "-x"};
  words.insert(words.end(), kParameters.begin(), kParameters.end());
  MXWARD_TRY(const auto settings, machine.Run("postconf", words));
  AddSettings(settings, instance);
  if (!instance.Get("smtpd_restriction_classes").empty()) {
    MXWARD_TRY(const auto own, machine.Run("postconf", {"-c", folder, "-nx"}));
    AddSettings(own, instance);
  }
  MXWARD_TRY(const auto services, machine.Run("postconf", {"-c", folder, "-M"}));
  MXWARD_TRY(const auto overrides, machine.Run("postconf", {"-c", folder, "-Px"}));
  const std::string level = instance.Get("compatibility_level");
  instance.services = ParseServices(services, overrides, level.empty() || level == "0");
  const std::string disabled = instance.Get("master_service_disable");
  std::erase_if(instance.services,
                [&](const PostfixService& service) { return IsDisabled(service, disabled); });
  return instance;
}

// postconf -P takes no blanks in a value; Postfix reads commas the same way.
std::string WithoutBlanks(std::string_view value) {
  std::string out;
  bool separated = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == ',') {
      separated = true;
      continue;
    }
    if (std::exchange(separated, false) && !out.empty() && out.back() != '{' && c != '}')
      out += ',';
    out += c;
  }
  return out;
}

}  // namespace

std::string PostfixService::Host() const {
  if (type != "inet") return "";
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return "";
  std::string host = name.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string PostfixService::Port() const {
  if (type != "inet") return "";
  const std::size_t colon = name.rfind(':');
  std::string port = colon == std::string::npos ? name : name.substr(colon + 1);
  if (port == "25") return "smtp";
  if (port == kSubmissionPort) return "submission";
  if (port == kSubmissionsPort || port == "smtps") return "submissions";
  return port;
}

bool PostfixService::IsSubmission() const {
  return IsSmtpd() && (Port() == "submission" || Port() == "submissions");
}

bool PostfixService::IsOnLoopback() const {
  const std::string host = Host();
  if (host == "localhost") return true;
  const auto address = IpAddress::Parse(host);
  return address && address->IsLoopback();
}

std::string PostfixInstance::Get(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::string PostfixInstance::Get(const PostfixService& service, std::string_view name) const {
  const auto found = service.overrides.find(name);
  return found == service.overrides.end() ? Get(name) : found->second;
}

bool PostfixInstance::HasPostscreen() const {
  return std::any_of(services.begin(), services.end(), [](const PostfixService& service) {
    return service.program == "postscreen" && service.type == "inet";
  });
}

std::string PostfixInstance::SetCommand(std::string_view name, std::string_view value) const {
  return "postconf " + (primary ? "" : "-c " + ShellQuoted(directory) + " ") + "-e " +
         ShellQuoted(std::string(name) + " = " + std::string(value));
}

std::string PostfixInstance::SetCommand(const PostfixService& service, std::string_view name,
                                        std::string_view value) const {
  if (service.overrides.find(name) == service.overrides.end()) return SetCommand(name, value);
  return OverrideCommand(service, name, value);
}

std::string PostfixInstance::OverrideCommand(const PostfixService& service, std::string_view name,
                                             std::string_view value) const {
  return "postconf " + (primary ? "" : "-c " + ShellQuoted(directory) + " ") + "-P " +
         ShellQuoted(service.Label() + "/" + std::string(name) + "=" + WithoutBlanks(value));
}

std::string PostfixInstance::ReloadCommand() const {
  return "postfix " + (primary ? "" : "-c " + ShellQuoted(directory) + " ") + "reload";
}

std::string PostfixInstance::Name() const {
  return primary ? "Postfix" : "Postfix in " + directory;
}

PostfixSearch FindPostfix(Machine& machine, const std::vector<std::string>& folders) {
  PostfixSearch search;
  const auto standard = machine.Run("postconf", {"-dh", "config_directory"});
  search.installed = standard.has_value() || standard.error().code != ErrorCode::kNotFound;
  if (!search.installed) {
    if (!folders.empty()) search.troubles.push_back(standard.error().message);
    return search;
  }
  if (!standard) {
    search.troubles.push_back(standard.error().message);
    return search;
  }
  const std::string primary(Trim(*standard));
  std::vector<std::string> wanted = folders;
  if (wanted.empty()) {
    if (const auto found = machine.Look(primary + "/main.cf"); !found) {
      // Installed without a configuration, as a package that waits for one is: none to look at.
      if (found.error().code != ErrorCode::kNotFound) {
        search.troubles.push_back(found.error().message);
      }
      return search;
    }
    if (const auto listing = machine.Run("postmulti", {"-l"})) wanted = EnabledFolders(*listing);
    if (wanted.empty()) wanted.push_back(primary);
  }
  for (const std::string& folder : wanted) {
    auto instance = ReadInstance(machine, folder, folder == primary);
    if (instance) {
      search.instances.push_back(*std::move(instance));
    } else {
      search.troubles.push_back(instance.error().message);
    }
  }
  return search;
}

std::vector<PostfixService> ParseServices(std::string_view services, std::string_view overrides,
                                          bool chroot_by_default) {
  std::vector<PostfixService> parsed;
  for (const std::string& line : Lines(services)) {
    constexpr std::size_t kColumns = 8;
    auto words = Blanks(line);
    if (words.size() < kColumns) continue;
    PostfixService service;
    service.name = std::move(words[0]);
    service.type = std::move(words[1]);
    service.chroot = words[4] == "y" || (words[4] == "-" && chroot_by_default);
    service.program = std::move(words[7]);
    parsed.push_back(std::move(service));
  }
  // "smtp/inet/smtpd_milters = value"; a service's name may hold slashes (unix sockets).
  for (const std::string& line : Lines(overrides)) {
    auto [path, value] = ParseSetting(line);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) continue;
    const std::string label = path.substr(0, slash);
    for (PostfixService& service : parsed) {
      if (service.Label() == label)
        service.overrides.insert_or_assign(path.substr(slash + 1), value);
    }
  }
  return parsed;
}

std::string ShellQuoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace mxward::cli::doctor
