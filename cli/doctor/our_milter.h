// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/host_facts.h"
#include "cli/doctor/milter_list.h"
#include "config/listen_address.h"

namespace mxward::cli::doctor {

// A filter of a service of Postfix that means this mxward.
struct OurMilter {
  const PostfixService* service = nullptr;
  PostfixMilter milter;
  // Of a unix socket: where smtpd looks for it, as seen from outside its chroot, and the folder
  // from which on it needs permission to get there.
  std::string path;
  std::string root;
  bool reaches = true;  // mxward listens there
};

// Of every smtpd, also those that need not ask mxward. They point into the instance.
std::vector<OurMilter> OurMilters(const HostFacts& facts, const PostfixInstance& instance);
// Whether a list of filters, as some service with or without a chroot has it, names mxward.
bool NamesUs(const HostFacts& facts, const PostfixInstance& instance, std::string_view list,
             bool chroot);

// A service that gets mail back from a content filter, after it came in through another one.
bool IsReinjection(const PostfixInstance& instance, const PostfixService& service);

// How Postfix gets to mxward: what smtpd_milters has to say, and what has to be done before.
struct Route {
  std::string address;
  std::vector<std::string> before;
};
// REQUIRES: facts.listen
Route RouteTo(const HostFacts& facts, const PostfixInstance& instance, bool chroot);

// The smtpd_milters of the service where mxward is missing or stands wrong, with it.
std::string MiltersWith(const HostFacts& facts, const PostfixInstance& instance,
                        const PostfixService& service, std::string_view address);
// The same where one of its filters is written otherwise, or left out when it has become "".
std::string MiltersWithout(const PostfixInstance& instance, const OurMilter& ours,
                           std::string_view replacement);

// "smtp/inet of Postfix" when the service says so itself, else "Postfix".
std::string Whose(const PostfixInstance& instance, const PostfixService& service,
                  std::string_view parameter);

// As an admin would write the address.
std::string AddressText(const ListenAddress& listen);

// Of a Sendmail: its filter that means this mxward; null when there is none.
const SendmailFilter* OurFilter(const HostFacts& facts);
// Whether it leads to where mxward listens.
bool Reaches(const HostFacts& facts, const SendmailFilter& filter);

// The lines that put mxward in front of a mail server, in the form of README.md: bounded waits, and
// mail is accepted while mxward is down. Pure.

// The value for smtpd_milters where Postfix is to connect to `address` ("unix:PATH").
std::string PostfixMilterValue(std::string_view address);
// For main.cf. REQUIRES: `listen` is not an fd
std::string MainCfLine(const ListenAddress& listen);
// For sendmail.mc. REQUIRES: `listen` is not an fd
std::string SendmailMcLine(const ListenAddress& listen);

}  // namespace mxward::cli::doctor
