// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/milter_list.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::string_view kRspamd = "rspamd";

struct Known {
  std::string_view mark;  // a part of the address in lower case; ":PORT" is its end
  std::string_view program;
};

constexpr std::array kPolicyServices = {
    Known{":10023", "postgrey"},      Known{"postgrey", "postgrey"},
    Known{":2501", "sqlgrey"},        Known{"sqlgrey", "sqlgrey"},
    Known{":10031", "cluebringer"},   Known{"cluebringer", "cluebringer"},
    Known{"policyd2", "cluebringer"}, Known{":2525", "gld"},
    Known{"greyfix", "greyfix"},      Known{"gps", "gps"},
    Known{"grossd", "gross"},         Known{":5525", "gross"},
    Known{"grey", "a greylister"},
};
constexpr std::array kMilters = {
    Known{"milter-greylist", "milter-greylist"},
    Known{"greylist", "milter-greylist"},
    Known{":11332", kRspamd},
    Known{"rspamd", kRspamd},
    Known{"rmilter", "rmilter"},
};

template <std::size_t kSize>
std::string_view Find(const std::array<Known, kSize>& table, std::string_view address) {
  const std::string lower = ToLower(address);
  for (const Known& known : table) {
    const bool port = known.mark.starts_with(':');
    const bool found = port ? std::string_view(lower).ends_with(known.mark)
                            : lower.find(known.mark) != std::string::npos;
    if (found) return known.program;
  }
  return "";
}

// The program that greylists, or may, at an address of a policy service ("inet:127.0.0.1:10023",
// "unix:private/postgrey"); "" when none is known by that address. Names and ports are those of the
// packages.
std::string_view GreylisterAtPolicyService(std::string_view address) {
  return Find(kPolicyServices, address);
}

// The same for the address of another filter ("inet:localhost:11332").
std::string_view GreylisterAtMilter(std::string_view address) { return Find(kMilters, address); }

constexpr const char* kTwice =
    "New mail is deferred twice, once by each, and neither sees all retries.";
constexpr std::string_view kPolicyService = "check_policy_service";
constexpr const char* kRspamdGreylist = "/etc/rspamd/local.d/greylist.conf";

constexpr std::array<std::string_view, 7> kRestrictions = {
    "smtpd_client_restrictions",     "smtpd_helo_restrictions",      "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",      "smtpd_recipient_restrictions", "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions"};

// What stands behind "check_policy_service": "inet:127.0.0.1:10023", or that with settings in
// braces.
std::string_view AddressOf(std::string_view word) {
  const std::string_view inner = WithoutBraces(word);
  return Trim(inner.substr(0, inner.find_first_of(", \t")));
}

// The list without these policy services, and otherwise as it is written.
std::string Without(std::string list, const std::vector<std::string>& services) {
  constexpr std::string_view kSeparators = ", \t";
  for (const std::string& service : services) {
    const std::size_t at = list.find(service);
    const std::size_t begin = list.rfind(kPolicyService, at);
    const std::size_t end =
        std::min(list.find_first_not_of(kSeparators, at + service.size()), list.size());
    list.erase(begin, end - begin);
    if (begin == list.size()) list.erase(list.find_last_not_of(kSeparators) + 1);
  }
  return list;
}

// Those words of the list that are policy services which greylist.
std::vector<std::string> Greylisters(std::string_view list) {
  std::vector<std::string> found;
  const auto words = SplitPostfixList(list);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i - 1] != kPolicyService) continue;
    if (!GreylisterAtPolicyService(AddressOf(words[i])).empty()) found.push_back(words[i]);
  }
  return found;
}

bool RspamdDoesNot(Machine& machine) {
  const auto text = machine.Read(kRspamdGreylist);
  if (!text) return false;
  std::string plain = *text;
  std::erase_if(plain, [](char c) { return c == ' ' || c == '\t' || c == '"'; });
  return plain.find("enabled=false") != std::string::npos;
}

void FindMilter(Machine& machine, const std::string& address, const std::string& place,
                Report& report) {
  const std::string_view program = GreylisterAtMilter(address);
  if (program.empty()) return;
  if (program == kRspamd) {
    if (RspamdDoesNot(machine)) return;
    report.Found(
        "rspamd may greylist as well: " + place + " has " + address +
            ", and its greylist module is not turned off",
        kTwice,
        {"echo 'enabled = false;' > " + std::string(kRspamdGreylist), "systemctl reload rspamd"});
    return;
  }
  report.Found(std::string(program) + " greylists as well: " + place + " has " + address, kTwice,
               {"# take " + address + " out of " + place});
}

class Search {
 public:
  Search(const HostFacts& facts, const PostfixInstance& instance, Report& report)
      : site_(facts), instance_(instance), report_(report) {}

  void Services(const PostfixService& service) {
    for (const std::string_view name : kRestrictions) {
      if (instance_.Get(service, name).empty()) continue;
      Restrictions(service, name, instance_.Get(service, name));
    }
    for (const std::string& name : SplitPostfixList(instance_.Get("smtpd_restriction_classes"))) {
      Restrictions(service, name, instance_.Get(service, name));
    }
    Milters(service);
  }

 private:
  void Restrictions(const PostfixService& service, std::string_view name, std::string_view list) {
    const std::string whose = Whose(instance_, service, name);
    const auto greylisters = Greylisters(list);
    for (const std::string& word : greylisters) {
      const std::string_view address = AddressOf(word);
      const std::string what =
          fmt::format("{} greylists as well: {} of {} asks {}", GreylisterAtPolicyService(address),
                      name, whose, address);
      if (!seen_.insert(what).second) continue;
      // All of them at once, or one remedy would undo the other.
      report_.Found(what, kTwice,
                    {instance_.SetCommand(service, name, Without(std::string(list), greylisters)),
                     instance_.ReloadCommand()});
    }
  }

  void Milters(const PostfixService& service) {
    const std::string list = instance_.Get(service, "smtpd_milters");
    for (const PostfixMilter& milter : ParseMilterList(list)) {
      if (NamesUs(site_, instance_, milter.text, service.chroot)) continue;
      const std::string whose = Whose(instance_, service, "smtpd_milters");
      if (!seen_.insert(whose + milter.address).second) continue;
      FindMilter(site_.machine, milter.address, "smtpd_milters of " + whose, report_);
    }
  }

  const HostFacts& site_;
  const PostfixInstance& instance_;
  Report& report_;
  std::set<std::string> seen_;
};

}  // namespace

void CheckOtherGreylisters(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    Search search(facts, instance, report);
    for (const PostfixService& service : instance.services) {
      if (service.IsSmtpd() && !IsReinjection(instance, service)) search.Services(service);
    }
  }
  if (!facts.sendmail) return;
  const SendmailFilter* ours = OurFilter(facts);
  for (const SendmailFilter& filter : facts.sendmail->filters) {
    if (&filter == ours || !facts.sendmail->Uses(filter.name)) continue;
    FindMilter(facts.machine, filter.name + " " + filter.socket, facts.sendmail->path, report);
  }
}

}  // namespace mxward::cli::doctor
