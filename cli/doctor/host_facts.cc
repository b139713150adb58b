// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/host_facts.h"

#include <utility>

namespace mxward::cli::doctor {
namespace {

constexpr const char* kSendmailCf = "/etc/mail/sendmail.cf";

void ReadConfig(HostFacts& facts) {
  const auto text = facts.machine.Read(facts.config_path);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound && !facts.config_given) {
      facts.config = std::make_shared<const Config>(DefaultConfig());
    } else {
      facts.config_hidden = text.error().code == ErrorCode::kUnavailable;
      facts.config_problems.push_back({facts.config_path, 0, 0, text.error().message});
    }
    return;
  }
  auto loaded = ParseConfig(*text, facts.config_path);
  if (!loaded) {
    facts.config_problems = std::move(loaded.error());
    return;
  }
  loaded->trust.own_addresses = facts.machine.OwnAddresses();
  facts.config = std::make_shared<const Config>(*std::move(loaded));
}

void FindListener(HostFacts& facts) {
  std::string text;
  if (facts.running()) {
    text = (*facts.status)["listening"].text();
  } else if (facts.config != nullptr) {
    text = facts.config->milter.listen;
  }
  if (auto listen = ParseListenAddress(text)) facts.listen = *std::move(listen);
}

void FindSendmail(HostFacts& facts, const HostFactsOptions& options) {
  // Looking at one mail server that was named, the doctor leaves others alone.
  if (options.sendmail.empty() && !options.postfix.empty()) return;
  const std::string path = options.sendmail.empty() ? kSendmailCf : options.sendmail;
  auto config = ReadSendmail(facts.machine, path);
  if (config) {
    facts.sendmail = *std::move(config);
  } else if (config.error().code != ErrorCode::kNotFound || !options.sendmail.empty()) {
    facts.sendmail_trouble = config.error().message;
  }
}

}  // namespace

std::string HostFacts::UserName() const {
  if (const auto daemon = machine.FindDaemon()) return machine.UserName(daemon->user);
  return config != nullptr && !config->user.empty() ? config->user : "mxward";
}

HostFacts GatherHostFacts(Machine& machine, const HostFactsOptions& options) {
  HostFacts facts(machine);
  facts.config_path = options.config_path;
  facts.config_given = options.config_given;
  ReadConfig(facts);
  facts.status = machine.AskDaemon("/v1/status");
  FindListener(facts);
  const bool only_sendmail = options.postfix.empty() && !options.sendmail.empty();
  if (!only_sendmail) facts.postfix = FindPostfix(machine, options.postfix);
  FindSendmail(facts, options);
  return facts;
}

}  // namespace mxward::cli::doctor
