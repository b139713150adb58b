// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/our_milter.h"

#include <algorithm>
#include <optional>

#include "base/ip_address.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::string_view kOurName = "mxward";

bool IsSamePath(Machine& machine, const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto real_a = machine.RealPath(a);
  const auto real_b = machine.RealPath(b);
  return real_a && real_b && *real_a == *real_b;
}

// The last two parts of a path: "mxward/milter.sock".
std::string_view Tail(std::string_view path) {
  const std::size_t name = path.rfind('/');
  if (name == std::string_view::npos || name == 0) return path;
  const std::size_t folder = path.rfind('/', name - 1);
  return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

bool IsAny(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

bool IsLoopback(std::string_view host) {
  const auto address = IpAddress::Parse(host);
  return host == "localhost" || (address && address->IsLoopback());
}

bool IsSameHost(std::string_view asked, std::string_view listening) {
  if (asked == listening || IsAny(listening)) return true;
  if (asked == "localhost") return IsLoopback(listening);
  const auto a = IpAddress::Parse(asked);
  const auto b = IpAddress::Parse(listening);
  // A name may well be this machine: Postfix knows, we do not.
  return !a || !b || *a == *b;
}

// Postfix's "unix:PATH", with a path that may be relative.
std::optional<std::string> SocketPath(std::string_view address) {
  for (const std::string_view scheme : {"unix:", "local:"}) {
    if (address.starts_with(scheme)) return std::string(address.substr(scheme.size()));
  }
  return std::nullopt;
}

std::optional<OurMilter> OverUnix(const HostFacts& facts, const std::string& queue, bool chroot,
                                  const PostfixMilter& milter) {
  const std::string written = *SocketPath(milter.address);
  OurMilter ours;
  ours.milter = milter;
  const bool absolute = written.starts_with('/');
  ours.root = absolute && !chroot ? "/" : queue;
  ours.path = !absolute ? queue + "/" + written : chroot ? queue + written : written;
  const std::string listening = facts.listen ? facts.listen->path : "";
  if (facts.listen && facts.listen->kind == ListenAddress::Kind::kFd) {
    // It was opened by somebody else, who has its path.
    if (Tail(written).find(kOurName) == std::string_view::npos) return std::nullopt;
    return ours;
  }
  ours.reaches = !listening.empty() && IsSamePath(facts.machine, ours.path, listening);
  const bool meant = ours.reaches || Tail(written).find(kOurName) != std::string_view::npos ||
                     written == listening;
  if (!meant) return std::nullopt;
  return ours;
}

std::optional<OurMilter> Recognise(const HostFacts& facts, const std::string& queue, bool chroot,
                                   const PostfixMilter& milter) {
  if (SocketPath(milter.address)) return OverUnix(facts, queue, chroot, milter);
  if (!facts.listen || facts.listen->port == 0) return std::nullopt;
  const auto address = ParseListenAddress(milter.address);
  if (!address || address->port != facts.listen->port) return std::nullopt;
  OurMilter ours;
  ours.milter = milter;
  ours.reaches = IsSameHost(address->host, facts.listen->host);
  return ours;
}

std::optional<OurMilter> OurMilterIn(const HostFacts& facts, const PostfixInstance& instance,
                                     std::string_view list, bool chroot) {
  std::optional<OurMilter> astray;
  for (const PostfixMilter& milter : ParseMilterList(list)) {
    auto ours = Recognise(facts, instance.QueueDirectory(), chroot, milter);
    if (ours && ours->reaches) return ours;
    if (ours && !astray) astray = std::move(ours);
  }
  return astray;
}

}  // namespace

std::vector<OurMilter> OurMilters(const HostFacts& facts, const PostfixInstance& instance) {
  std::vector<OurMilter> all;
  for (const PostfixService& service : instance.services) {
    if (!service.IsSmtpd()) continue;
    auto ours =
        OurMilterIn(facts, instance, instance.Get(service, "smtpd_milters"), service.chroot);
    if (!ours) continue;
    ours->service = &service;
    all.push_back(*std::move(ours));
  }
  return all;
}

bool NamesUs(const HostFacts& facts, const PostfixInstance& instance, std::string_view list,
             bool chroot) {
  return OurMilterIn(facts, instance, list, chroot).has_value();
}

bool IsReinjection(const PostfixInstance& instance, const PostfixService& service) {
  if (!service.IsSmtpd() || service.type != "inet" || !service.IsOnLoopback()) return false;
  if (service.Port() == "smtp" || service.IsSubmission()) return false;
  // Where all stand on loopback, something in front hands on what comes from outside.
  return std::any_of(instance.services.begin(), instance.services.end(), [](const auto& other) {
    const bool takes_mail = other.IsSmtpd() || other.program == "postscreen";
    return takes_mail && other.type == "inet" && !other.IsOnLoopback();
  });
}

Route RouteTo(const HostFacts& facts, const PostfixInstance& instance, bool chroot) {
  const ListenAddress& listen = *facts.listen;
  if (listen.kind != ListenAddress::Kind::kUnix) return {listen.ToPostfix(), {}};
  const std::string queue = instance.QueueDirectory();
  if (listen.path.starts_with(queue + "/")) {
    return {"unix:" + listen.path.substr(queue.size() + 1), {}};
  }
  if (!chroot) return {"unix:" + listen.path, {}};
  Route route;
  route.address = "unix:mxward/milter.sock";
  const std::string folder = queue + "/mxward";
  const auto owner = facts.machine.FindAccount(instance.Get("mail_owner"));
  const std::string group =
      owner && !owner->groups.empty() ? facts.machine.GroupName(owner->groups.front()) : "postfix";
  route.before.push_back("install -d -o " + ShellQuoted(facts.UserName()) + " -g " +
                         ShellQuoted(group) + " -m 2750 " + ShellQuoted(folder));
  // "auto" finds the folder by itself.
  const bool automatic = facts.config != nullptr && facts.config->milter.listen == "auto" &&
                         queue == "/var/spool/postfix";
  if (!automatic) {
    route.before.push_back(
        facts.EditConfig("[milter] listen = \"unix:" + folder + "/milter.sock\""));
  }
  route.before.push_back(facts.RestartCommand());
  return route;
}

std::string MiltersWith(const HostFacts& facts, const PostfixInstance& instance,
                        const PostfixService& service, std::string_view address) {
  auto milters = ParseMilterList(instance.Get(service, "smtpd_milters"));
  std::erase_if(milters, [&](const PostfixMilter& milter) {
    return Recognise(facts, instance.QueueDirectory(), service.chroot, milter).has_value();
  });
  PostfixMilter ours;
  ours.text = PostfixMilterValue(address);
  milters.push_back(std::move(ours));
  return FormatMilterList(milters);
}

std::string MiltersWithout(const PostfixInstance& instance, const OurMilter& ours,
                           std::string_view replacement) {
  auto milters = ParseMilterList(instance.Get(*ours.service, "smtpd_milters"));
  for (PostfixMilter& milter : milters) {
    if (milter.text == ours.milter.text) milter.text = replacement;
  }
  std::erase_if(milters, [](const PostfixMilter& milter) { return milter.text.empty(); });
  return FormatMilterList(milters);
}

std::string Whose(const PostfixInstance& instance, const PostfixService& service,
                  std::string_view parameter) {
  if (service.overrides.find(parameter) == service.overrides.end()) return instance.Name();
  return service.Label() + " of " + instance.Name();
}

std::string AddressText(const ListenAddress& listen) {
  if (listen.kind == ListenAddress::Kind::kUnix) return listen.path;
  return listen.ToLibmilter();
}

const SendmailFilter* OurFilter(const HostFacts& facts) {
  if (!facts.sendmail) return nullptr;
  for (const SendmailFilter& filter : facts.sendmail->filters) {
    if (Reaches(facts, filter)) return &filter;
  }
  for (const SendmailFilter& filter : facts.sendmail->filters) {
    if (filter.name.find(kOurName) != std::string::npos) return &filter;
  }
  return nullptr;
}

bool Reaches(const HostFacts& facts, const SendmailFilter& filter) {
  if (!facts.listen) return false;
  const auto address = ParseListenAddress(filter.socket);
  if (!address) return false;
  if (address->kind == ListenAddress::Kind::kUnix) {
    return facts.listen->kind == ListenAddress::Kind::kUnix &&
           IsSamePath(facts.machine, address->path, facts.listen->path);
  }
  return address->port != 0 && address->port == facts.listen->port &&
         IsSameHost(address->host, facts.listen->host);
}

std::string PostfixMilterValue(std::string_view address) {
  return "{ " + std::string(address) +
         ", connect_timeout=5s, command_timeout=15s, default_action=accept }";
}

std::string MainCfLine(const ListenAddress& listen) {
  return "smtpd_milters = " + PostfixMilterValue(listen.ToPostfix());
}

std::string SendmailMcLine(const ListenAddress& listen) {
  const bool local = listen.kind == ListenAddress::Kind::kUnix;
  return "INPUT_MAIL_FILTER(`mxward', `S=" +
         (local ? "local:" + listen.path : listen.ToLibmilter()) + ", T=S:10s;R:10s')";
}

}  // namespace mxward::cli::doctor
