// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/site.h"

#include <utility>

namespace mxward::cli::doctor {
namespace {

constexpr const char* kSendmailCf = "/etc/mail/sendmail.cf";

void ReadConfig(Site& site) {
  const auto text = site.machine.Read(site.config_path);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound && !site.config_given) {
      site.config = std::make_shared<const Config>(DefaultConfig());
    } else {
      site.config_hidden = text.error().code == ErrorCode::kUnavailable;
      site.config_problems.push_back({site.config_path, 0, 0, text.error().message});
    }
    return;
  }
  auto loaded = ParseConfig(*text, site.config_path);
  if (!loaded) {
    site.config_problems = std::move(loaded.error());
    return;
  }
  loaded->trust.own_addresses = site.machine.OwnAddresses();
  site.config = std::make_shared<const Config>(*std::move(loaded));
}

void FindListener(Site& site) {
  std::string text;
  if (site.running()) {
    text = (*site.status)["listening"].text();
  } else if (site.config != nullptr) {
    text = site.config->milter.listen;
  }
  if (auto listen = ParseListenAddress(text)) site.listen = *std::move(listen);
}

void FindSendmail(Site& site, const SiteOptions& options) {
  // Looking at one mail server that was named, the doctor leaves others alone.
  if (options.sendmail.empty() && !options.postfix.empty()) return;
  const std::string path = options.sendmail.empty() ? kSendmailCf : options.sendmail;
  auto config = ReadSendmail(site.machine, path);
  if (config) {
    site.sendmail = *std::move(config);
  } else if (config.error().code != ErrorCode::kNotFound || !options.sendmail.empty()) {
    site.sendmail_trouble = config.error().message;
  }
}

}  // namespace

std::string Site::UserName() const {
  if (const auto daemon = machine.FindDaemon()) return machine.UserName(daemon->user);
  return config != nullptr && !config->user.empty() ? config->user : "mxward";
}

Site Survey(Machine& machine, const SiteOptions& options) {
  Site site(machine);
  site.config_path = options.config_path;
  site.config_given = options.config_given;
  ReadConfig(site);
  site.status = machine.AskDaemon("/v1/status");
  FindListener(site);
  const bool only_sendmail = options.postfix.empty() && !options.sendmail.empty();
  if (!only_sendmail) site.postfix = FindPostfix(machine, options.postfix);
  FindSendmail(site, options);
  return site;
}

}  // namespace mxward::cli::doctor
