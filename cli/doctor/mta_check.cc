// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kUnasked =
    "Mail is accepted unchecked: no greylisting, no DNS lists, no limits.";

// The services where mail from others comes in, but what postscreen hands on: that has a check of
// its own.
std::vector<const PostfixService*> Entrances(const PostfixInstance& instance) {
  std::vector<const PostfixService*> entrances;
  for (const PostfixService& service : instance.services) {
    if (!service.IsSmtpd() || service.type != "inet") continue;
    if (service.IsSubmission() || IsReinjection(instance, service)) continue;
    entrances.push_back(&service);
  }
  return entrances;
}

std::vector<std::string> PointHere(const HostFacts& facts, const PostfixInstance& instance,
                                   const PostfixService& service) {
  if (!facts.listen || facts.listen->kind == ListenAddress::Kind::kFd) return {};
  Route route = RouteTo(facts, instance, service.chroot);
  std::vector<std::string> fix = std::move(route.before);
  fix.push_back(instance.SetCommand(service, "smtpd_milters",
                                    MiltersWith(facts, instance, service, route.address)));
  fix.push_back(instance.ReloadCommand());
  return fix;
}

bool IsPointedHere(const HostFacts& facts, const PostfixInstance& instance) {
  return !OurMilters(facts, instance).empty();
}

void CheckPostfix(const HostFacts& facts, const PostfixInstance& instance, bool another,
                  Report& report) {
  const auto entrances = Entrances(instance);
  if (!IsPointedHere(facts, instance)) {
    const auto first = !entrances.empty() ? entrances.front() : [&]() -> const PostfixService* {
      const auto pass =
          std::find_if(instance.services.begin(), instance.services.end(),
                       [](const PostfixService& service) { return service.IsSmtpd(); });
      return pass == instance.services.end() ? nullptr : &*pass;
    }();
    if (another) {
      // A second instance often only sends.
      if (!entrances.empty()) {
        report.Note(instance.Name() + " does not use mxward",
                    "Another mail server on this machine does.");
      }
    } else if (first == nullptr) {
      report.Found(instance.Name() + " accepts no mail: its master.cf has no smtpd", kUnasked, {});
    } else {
      report.Found(instance.Name() + " does not use mxward: it is missing from smtpd_milters",
                   kUnasked, PointHere(facts, instance, *first));
    }
    return;
  }
  const auto ours = OurMilters(facts, instance);
  for (const PostfixService* entrance : entrances) {
    const bool asks = std::any_of(ours.begin(), ours.end(),
                                  [&](const OurMilter& one) { return one.service == entrance; });
    if (asks) continue;
    report.Found(entrance->Label() + " of " + instance.Name() +
                     " does not use mxward: it is missing from its smtpd_milters",
                 kUnasked, PointHere(facts, instance, *entrance));
  }
}

void CheckSendmail(const HostFacts& facts, bool another, Report& report) {
  const SendmailFilter* ours = OurFilter(facts);
  if (ours == nullptr) {
    if (another) return;
    std::vector<std::string> fix;
    if (facts.listen && facts.listen->kind != ListenAddress::Kind::kFd) {
      fix = {"# in /etc/mail/sendmail.mc: " + SendmailMcLine(*facts.listen),
             "make -C /etc/mail && systemctl restart sendmail"};
    }
    report.Found("Sendmail does not use mxward: " + facts.sendmail->path + " has no such filter",
                 kUnasked, std::move(fix));
    return;
  }
  if (!facts.sendmail->Uses(ours->name)) {
    report.Found("Sendmail knows the filter " + ours->name +
                     ", and does not use it: it is not among InputMailFilters in " +
                     facts.sendmail->path,
                 kUnasked,
                 {"# in /etc/mail/sendmail.mc: INPUT_MAIL_FILTER instead of MAIL_FILTER, and no "
                  "define(`confINPUT_MAIL_FILTERS') without it",
                  "make -C /etc/mail && systemctl restart sendmail"});
  }
}

void FindNone(const HostFacts& facts, Report& report) {
  const bool bare = facts.postfix.installed;
  const std::string what =
      bare ? "Postfix is installed without a main.cf, and Sendmail is not installed"
           : "no mail server found: neither Postfix nor Sendmail";
  if (!facts.listen || facts.listen->kind == ListenAddress::Kind::kFd) {
    report.Found(what, kUnasked, {});
    return;
  }
  const bool local = facts.listen->kind == ListenAddress::Kind::kUnix ||
                     facts.listen->host == "127.0.0.1" || facts.listen->host == "::1" ||
                     facts.listen->host == "localhost";
  const std::vector<std::string> lines = {"# in main.cf: " + MainCfLine(*facts.listen),
                                          "# or in sendmail.mc: " + SendmailMcLine(*facts.listen)};
  if (local) {
    report.Found(what + ", and mxward listens at " + AddressText(*facts.listen) +
                     ", which only this machine can reach",
                 kUnasked, lines);
  } else {
    report.Note(what, "A mail server on another machine may use mxward; run doctor there as well.",
                lines);
  }
}

}  // namespace

void CheckMta(const HostFacts& facts, Report& report) {
  for (const std::string& trouble : facts.postfix.troubles) report.Unchecked(trouble);
  if (!facts.sendmail_trouble.empty()) report.Unchecked(facts.sendmail_trouble);
  if (facts.postfix.instances.empty() && !facts.sendmail) {
    if (report.unchecked().empty()) FindNone(facts, report);
    return;
  }
  if (!facts.listen) {
    report.Unchecked("it is not known where mxward listens");
    return;
  }
  const auto& instances = facts.postfix.instances;
  const bool postfix = std::any_of(instances.begin(), instances.end(), [&](const auto& instance) {
    return IsPointedHere(facts, instance);
  });
  const bool any = postfix || OurFilter(facts) != nullptr;
  for (const PostfixInstance& instance : instances) CheckPostfix(facts, instance, any, report);
  if (facts.sendmail) CheckSendmail(facts, any, report);
}

}  // namespace mxward::cli::doctor
