// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

bool OffersTls(const PostfixInstance& instance, const PostfixService& service) {
  const std::string level = instance.Get(service, "smtpd_tls_security_level");
  if (!level.empty()) return level != "none";
  return instance.Get(service, "smtpd_use_tls") == "yes" ||
         instance.Get(service, "smtpd_enforce_tls") == "yes";
}

// Where other mail servers deliver: tls-none is found nowhere else.
bool TakesMailFromServers(const PostfixInstance& instance, const PostfixService& service) {
  return !service.IsSubmission() && !IsReinjection(instance, service) &&
         instance.Get(service, "smtpd_tls_wrappermode") != "yes";
}

// The parameter that makes the service believe a PROXY header (of HAProxy), its own or of the
// postscreen before it; "" when it believes none.
std::string ProxyParameter(const PostfixInstance& instance, const PostfixService& service) {
  constexpr std::string_view kOwn = "smtpd_upstream_proxy_protocol";
  constexpr std::string_view kPostscreens = "postscreen_upstream_proxy_protocol";
  if (!instance.Get(service, kOwn).empty()) return std::string(kOwn);
  const bool behind =
      service.type == "pass" &&
      std::any_of(instance.services.begin(), instance.services.end(), [&](const auto& other) {
        return other.program == "postscreen" && !instance.Get(other, kPostscreens).empty();
      });
  return behind ? std::string(kPostscreens) : "";
}

class TlsCheck {
 public:
  TlsCheck(const HostFacts& facts, const PostfixInstance& instance, Report& report)
      : facts_(facts), instance_(instance), report_(report), offered_(facts.config->tls.offered) {}

  void Run(const PostfixService& service) {
    if (!OffersTls(instance_, service)) {
      NotOffered(service);
    } else if (offered_ == TlsOffered::kAuto) {
      if (!instance_.Get(service, "smtpd_authorized_xclient_hosts").empty()) Xclient(service);
      if (const auto parameter = ProxyParameter(instance_, service); !parameter.empty()) {
        Proxy(service, parameter);
      }
    }
  }

 private:
  // Once of all services that have it from main.cf.
  bool IsNew(const std::string& what) { return said_.insert(what).second; }

  void NotOffered(const PostfixService& service) {
    const std::string what = Whose(instance_, service, "smtpd_tls_security_level") +
                             " offers no TLS: smtpd_tls_security_level is empty or \"none\"";
    if (!IsNew(what)) return;
    std::vector<std::string> fix = {
        "# smtpd_tls_chain_files, or smtpd_tls_cert_file and "
        "smtpd_tls_key_file, have to name a certificate and its key",
        instance_.SetCommand(service, "smtpd_tls_security_level", "may"),
        instance_.ReloadCommand()};
    if (offered_ == TlsOffered::kYes) {
      report_.Found(what + ", but tls.offered is true",
                    "No client can use TLS there, so tls-none counts against every one.",
                    {facts_.EditConfig("[tls] offered = \"auto\""), "mxwardctl reload"});
    } else {
      report_.Note(what,
                   "Mail arrives unencrypted, and tls-none, which tells much about rented and "
                   "stolen machines, never counts.",
                   std::move(fix));
    }
  }

  void Xclient(const PostfixService& service) {
    const std::string what = "smtpd_authorized_xclient_hosts is set in " +
                             Whose(instance_, service, "smtpd_authorized_xclient_hosts") +
                             ", while tls.offered is \"auto\"";
    if (!IsNew(what)) return;
    report_.Found(what,
                  "A client whose session comes through XCLIENT appears to have no TLS, whatever "
                  "it uses. Once another client of the same service has used TLS, tls-none counts "
                  "against it.",
                  Advice());
  }

  void Proxy(const PostfixService& service, const std::string& parameter) {
    const std::string what = parameter + " is set in " + Whose(instance_, service, parameter) +
                             ", while tls.offered is \"auto\"";
    if (!IsNew(what)) return;
    report_.Note(what,
                 "If the proxy ends TLS itself, its clients appear to have none. If it passes "
                 "the connection on as it is, all is well.",
                 Advice());
  }

  std::vector<std::string> Advice() const {
    return {
        "# if other clients connect directly, give the proxy a service, with a port, of its own",
        facts_.EditConfig("[tls] offered = false"), "mxwardctl reload"};
  }

  const HostFacts& facts_;
  const PostfixInstance& instance_;
  Report& report_;
  const TlsOffered offered_;
  std::set<std::string> said_;
};

}  // namespace

void CheckTls(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known whether missing TLS counts");
    return;
  }
  if (facts.config->score.tls_none == 0 || facts.config->tls.offered == TlsOffered::kNo) return;
  for (const PostfixInstance& instance : facts.postfix.instances) {
    TlsCheck check(facts, instance, report);
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      if (TakesMailFromServers(instance, *ours.service)) check.Run(*ours.service);
    }
  }
}

}  // namespace mxward::cli::doctor
