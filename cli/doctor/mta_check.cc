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

std::vector<std::string> PointHere(const Site& site, const PostfixInstance& instance,
                                   const PostfixService& service) {
  if (!site.listen || site.listen->kind == ListenAddress::Kind::kFd) return {};
  Route route = RouteTo(site, instance, service.chroot);
  std::vector<std::string> fix = std::move(route.before);
  fix.push_back(instance.SetCommand(service, "smtpd_milters",
                                    MiltersWith(site, instance, service, route.address)));
  fix.push_back(instance.ReloadCommand());
  return fix;
}

bool IsPointedHere(const Site& site, const PostfixInstance& instance) {
  return !OurMilters(site, instance).empty();
}

void CheckPostfix(const Site& site, const PostfixInstance& instance, bool another, Report& report) {
  const auto entrances = Entrances(instance);
  if (!IsPointedHere(site, instance)) {
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
                   kUnasked, PointHere(site, instance, *first));
    }
    return;
  }
  const auto ours = OurMilters(site, instance);
  for (const PostfixService* entrance : entrances) {
    const bool asks = std::any_of(ours.begin(), ours.end(),
                                  [&](const OurMilter& one) { return one.service == entrance; });
    if (asks) continue;
    report.Found(entrance->Label() + " of " + instance.Name() +
                     " does not use mxward: it is missing from its smtpd_milters",
                 kUnasked, PointHere(site, instance, *entrance));
  }
}

void CheckSendmail(const Site& site, bool another, Report& report) {
  const SendmailFilter* ours = OurFilter(site);
  if (ours == nullptr) {
    if (another) return;
    std::vector<std::string> fix;
    if (site.listen && site.listen->kind != ListenAddress::Kind::kFd) {
      fix = {"# in /etc/mail/sendmail.mc: " + SendmailMcLine(*site.listen),
             "make -C /etc/mail && systemctl restart sendmail"};
    }
    report.Found("Sendmail does not use mxward: " + site.sendmail->path + " has no such filter",
                 kUnasked, std::move(fix));
    return;
  }
  if (!site.sendmail->Uses(ours->name)) {
    report.Found("Sendmail knows the filter " + ours->name +
                     ", and does not use it: it is not among InputMailFilters in " +
                     site.sendmail->path,
                 kUnasked,
                 {"# in /etc/mail/sendmail.mc: INPUT_MAIL_FILTER instead of MAIL_FILTER, and no "
                  "define(`confINPUT_MAIL_FILTERS') without it",
                  "make -C /etc/mail && systemctl restart sendmail"});
  }
}

void FindNone(const Site& site, Report& report) {
  const bool bare = site.postfix.installed;
  const std::string what =
      bare ? "Postfix is installed without a main.cf, and Sendmail is not installed"
           : "no mail server found: neither Postfix nor Sendmail";
  if (!site.listen || site.listen->kind == ListenAddress::Kind::kFd) {
    report.Found(what, kUnasked, {});
    return;
  }
  const bool local = site.listen->kind == ListenAddress::Kind::kUnix ||
                     site.listen->host == "127.0.0.1" || site.listen->host == "::1" ||
                     site.listen->host == "localhost";
  const std::vector<std::string> lines = {"# in main.cf: " + MainCfLine(*site.listen),
                                          "# or in sendmail.mc: " + SendmailMcLine(*site.listen)};
  if (local) {
    report.Found(what + ", and mxward listens at " + AddressText(*site.listen) +
                     ", which only this machine can reach",
                 kUnasked, lines);
  } else {
    report.Note(what, "A mail server on another machine may use mxward; run doctor there as well.",
                lines);
  }
}

}  // namespace

void CheckMta(const Site& site, Report& report) {
  for (const std::string& trouble : site.postfix.troubles) report.Unchecked(trouble);
  if (!site.sendmail_trouble.empty()) report.Unchecked(site.sendmail_trouble);
  if (site.postfix.instances.empty() && !site.sendmail) {
    if (report.unchecked().empty()) FindNone(site, report);
    return;
  }
  if (!site.listen) {
    report.Unchecked("it is not known where mxward listens");
    return;
  }
  const auto& instances = site.postfix.instances;
  const bool postfix = std::any_of(instances.begin(), instances.end(), [&](const auto& instance) {
    return IsPointedHere(site, instance);
  });
  const bool any = postfix || OurFilter(site) != nullptr;
  for (const PostfixInstance& instance : instances) CheckPostfix(site, instance, any, report);
  if (site.sendmail) CheckSendmail(site, any, report);
}

}  // namespace mxward::cli::doctor
