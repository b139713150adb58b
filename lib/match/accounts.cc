// SPDX-License-Identifier: Apache-2.0
#include "match/accounts.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/canonical_address.h"

namespace mxward {
namespace {

using Text = std::string_view;

bool IsDigits(Text text) {
  return !text.empty() && text.find_first_not_of("0123456789") == Text::npos;
}

// What stands before the mark; "" without one.
Text Before(Text text, Text mark) {
  const std::size_t at = text.find(mark);
  return at == Text::npos ? Text() : text.substr(0, at);
}

Text After(Text text, Text start) {
  return text.starts_with(start) ? text.substr(start.size()) : Text();
}

std::vector<Text> Split(Text text, char mark) {
  std::vector<Text> parts;
  for (;;) {
    const std::size_t at = text.find(mark);
    parts.push_back(text.substr(0, at));
    if (at == Text::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Each finds the customer in the local part, or in what stands before the service's domain
// ("" at the domain itself, and at a customer's own); in lower case. "": it is none of the form.
using Form = Text (*)(Text local, Text below);

// bounces+12345-6789-user=example.org
Text SendgridForm(Text local, Text /*below*/) {
  const Text number = Before(After(local, "bounces+"), "-");
  return IsDigits(number) ? number : Text();
}

// bounce-mc.us11_46973437.796437-user=example.org
Text MailchimpForm(Text local, Text /*below*/) {
  const Text account = Before(After(local, "bounce-mc."), ".");
  const std::size_t mark = account.find('_');
  if (!account.starts_with("us") || mark == Text::npos) return {};
  return IsDigits(account.substr(2, mark - 2)) && IsDigits(account.substr(mark + 1)) ? account
                                                                                     : Text();
}

// bounce-md_30504962.669fdf8f.v1-0123456789abcdef
Text MandrillForm(Text local, Text /*below*/) {
  const Text number = Before(After(local, "bounce-md_"), ".");
  return IsDigits(number) ? number : Text();
}

// msprvs1=17582Z2TKy0DK=bounces-9178, or bounces-9178-2 with a subaccount
Text SparkpostForm(Text local, Text /*below*/) {
  const Text rest = After(local, "msprvs1=");
  const std::size_t mark = rest.find('=');
  if (mark == Text::npos) return {};
  Text number = After(rest.substr(mark + 1), "bounces-");
  number = number.substr(0, number.find('-'));
  return IsDigits(number) ? number : Text();
}

// bounce-648_HTML-126963812-4522-7327404-650445: job and format, subscriber, list, member (the
// customer), batch
Text ExactTargetForm(Text local, Text /*below*/) {
  const std::vector<Text> parts = Split(local, '-');
  if (parts.size() != 6 || parts[0] != "bounce" || parts[1].find('_') == Text::npos) return {};
  return std::all_of(parts.begin() + 2, parts.end(), &IsDigits) ? parts[4] : Text();
}

// 059-ABC-834.0.1100893.0.0.34454.9.416187631: first the Munchkin id
Text MarketoForm(Text local, Text /*below*/) {
  const Text id = Before(local, ".");
  if (id.size() != 11 || id[3] != '-' || id[7] != '-') return {};
  return IsDigits(id.substr(0, 3)) && IsDigits(id.substr(8)) ? id : Text();
}

// AbCd+/==_1133104752381_EfGh==, or esc1102401528476_1101535296815_9204
Text ConstantContactForm(Text local, Text /*below*/) {
  const std::vector<Text> parts = Split(local, '_');
  return parts.size() == 3 && IsDigits(parts[1]) && parts[1].size() == 13 ? parts[1] : Text();
}

// list+bncBCMIZB7QWENRBBW2ULCAMGQEEVQYOTQ
Text GoogleGroupsForm(Text local, Text /*below*/) { return Before(local, "+bnc"); }

// user=example.org__0-abc@xyz.8d-3trx3eag.um8.bnc.salesforce.com: before the instance the
// organisation, whose identifier is 00D8d000003trx3EAG
Text SalesforceForm(Text /*local*/, Text below) {
  const std::vector<Text> labels = Split(below, '.');
  if (labels.size() < 3) return {};
  const Text organisation = labels[labels.size() - 2];
  return organisation.find('-') == Text::npos ? Text() : organisation;
}

// user@tenant.example.com
Text TenantForm(Text /*local*/, Text below) {
  return below.find('.') == Text::npos ? below : Text();
}

// user@tenant.onmicrosoft.com, user@tenant.mail.onmicrosoft.com
Text MicrosoftForm(Text local, Text below) {
  constexpr Text kRouting = ".mail";
  if (below.ends_with(kRouting)) below.remove_suffix(kRouting.size());
  return TenantForm(local, below);
}

// tenant@example.com
Text MailboxForm(Text local, Text below) { return below.empty() ? local : Text(); }

// Where a form belongs. At the service's own domains SPF proves it; at a domain of the customer's
// own only a client with a name of the service does (a stranger writes what he likes at his own
// domain, and his own SPF record lets him), and without that the account is the customer's domain.
enum class At : std::uint8_t { kOwnDomains, kAnyDomain };

struct Service {
  Text word;
  Form form;  // null: nothing in the envelope says for whom it sends
  At at;
  std::array<Text, 4> domains;  // of envelopes
  std::array<Text, 3> names;    // of its clients
};

// One row a service, with where its form can be read: the vendor's documentation, or for what
// vendors do not write down envelopes of mail that lists have in their public archives. No row
// without one. A service whose envelope names nobody has a row all the same: its domain must not
// pass for one customer.
constexpr auto kServices = std::to_array<Service>({
    // Kept apart from customers' domains, which have the same form: "Domain Authentication",
    // www.twilio.com/docs/sendgrid. Form: archives of xen-devel, linux-media
    {"sendgrid", &SendgridForm, At::kAnyDomain, {"sendgrid.net"}, {"sendgrid.net"}},
    // Sends by SendGrid, with its form, below send.NAME.klaviyomail.com. Form: groups.google.com,
    // jailhouse-dev
    {"klaviyo", &SendgridForm, At::kOwnDomains, {"klaviyomail.com"}, {}},
    // "About bounces", mailchimp.com/help. Form: archives of ocaml lists
    {"mailchimp",
     &MailchimpForm,
     At::kAnyDomain,
     {"rsgsv.net", "mcsv.net", "mcdlv.net"},
     {"rsgsv.net", "mcsv.net", "mcdlv.net"}},
    // "Customize the return path address", mailchimp.com/developer/transactional. Form: archives of
    // xen-devel, qemu-devel
    {"mandrill", &MandrillForm, At::kAnyDomain, {"mandrillapp.com"}, {"mandrillapp.com"}},
    // "Sandbox domain": documentation.mailgun.com; a customer without a domain of his own sends as
    // sandbox0123.mailgun.org. What is at customers' domains (bounce+0123.456-user=example.org)
    // names nobody
    {"mailgun", &TenantForm, At::kOwnDomains, {"mailgun.org"}, {"mailgun.net", "mailgun.org"}},
    // "Bounce domains", support.sparkpost.com; the mark: rspamd's aliases.lua. Form: archives
    {"sparkpost",
     &SparkpostForm,
     At::kAnyDomain,
     {"sparkpostmail.com", "spmailt.com"},
     {"sparkpostmail.com", "spmta.com"}},
    // "Email Relay best practices", help.salesforce.com, article 000250391
    {"salesforce", &SalesforceForm, At::kOwnDomains, {"bnc.salesforce.com"}, {"salesforce.com"}},
    // Marketing Cloud; "Return Path Header", help.salesforce.com. Form: archives
    {"exacttarget",
     &ExactTargetForm,
     At::kAnyDomain,
     {"exacttarget.com"},
     {"exacttarget.com", "exct.net"}},
    // "Munchkin id", experienceleague.adobe.com (Marketo Engage). Form: X-Mailfrom in archives
    {"marketo", &MarketoForm, At::kAnyDomain, {"mktomail.com"}, {"mktomail.com"}},
    // "Constant Contact and authentication", knowledgebase.constantcontact.com. Form: archives
    {"constantcontact",
     &ConstantContactForm,
     At::kOwnDomains,
     {"in.constantcontact.com"},
     {"constantcontact.com", "ccsend.com"}},
    // "Add and replace your onmicrosoft.com fallback domain", learn.microsoft.com
    {"microsoft365",
     &MicrosoftForm,
     At::kOwnDomains,
     {"onmicrosoft.com"},
     {"outbound.protection.outlook.com"}},
    // support.google.com/groups. Form: archives of clang-built-linux, kasan-dev
    {"googlegroups", &GoogleGroupsForm, At::kOwnDomains, {"googlegroups.com"}, {"google.com"}},
    // "Adding support addresses": support@yoursubdomain.zendesk.com, support.zendesk.com
    {"zendesk", &TenantForm, At::kOwnDomains, {"zendesk.com"}, {"zendesk.com"}},
    // "Setting up your support mailbox": support@yourcompany.freshdesk.com, support.freshdesk.com
    {"freshdesk", &TenantForm, At::kOwnDomains, {"freshdesk.com"}, {"freshdesk.com"}},
    // "Forward your email to Intercom": id@workspace.intercom-mail.com, intercom.com/help
    {"intercom", &TenantForm, At::kOwnDomains, {"intercom-mail.com"}, {"intercom-mail.com"}},
    // "Email configuration": instance@service-now.com, servicenow.com/docs
    {"servicenow", &MailboxForm, At::kOwnDomains, {"service-now.com"}, {"service-now.com"}},
    // Notifications come from tenant@myworkday.com. Form: archives
    {"workday", &MailboxForm, At::kOwnDomains, {"myworkday.com"}, {"myworkday.com"}},

    // A message's number and nothing else; the configuration set is in a header. "Using a custom
    // MAIL FROM domain", docs.aws.amazon.com/ses
    {"ses", nullptr, At::kOwnDomains, {"amazonses.com"}, {}},
    // pm_bounces@pm.mtasv.net: "What is Return-Path?", postmarkapp.com/support
    {"postmark", nullptr, At::kOwnDomains, {"mtasv.net"}, {}},
    // A number that means nothing to others. Archives of v9fs-developer
    {"hubspot", nullptr, At::kOwnDomains, {"hubspotemail.net"}, {}},
    // bounces-133768474-user=example.org@gt.d.sender-sib.com: a message's. Archives of netdev
    {"brevo", nullptr, At::kOwnDomains, {"sender-sib.com"}, {}},
    // "Return-path", documentation.mailjet.com: at bnc3.mailjet.com
    {"mailjet", nullptr, At::kOwnDomains, {"mailjet.com"}, {}},
    // "Custom bounce domain", help.elasticemail.com: at bounces.elasticemail.net
    {"elasticemail", nullptr, At::kOwnDomains, {"elasticemail.net"}, {}},
});

// The domain that the name is, or is below.
template <class Domains>
Text DomainOver(Text name, const Domains& domains) {
  for (const Text domain : domains) {
    if (domain.empty() || !name.ends_with(domain)) continue;
    const std::size_t rest = name.size() - domain.size();
    if (rest == 0 || name[rest - 1] == '.') return domain;
  }
  return {};
}

// As entries and rules have it: what an address could hold beside it would end a log's field.
bool IsNumber(Text text) {
  return !text.empty() && text.size() <= accounts::kMaxNumber &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == Text::npos;
}

// Whose domain of envelopes it is.
const Service* OwnerOf(Text domain) {
  for (const Service& service : kServices) {
    if (!DomainOver(domain, service.domains).empty()) return &service;
  }
  return nullptr;
}

std::string Account(const Service& service, const CanonicalAddress& sender) {
  if (service.form == nullptr) return {};
  const Text domain = DomainOver(sender.domain(), service.domains);
  Text below;
  if (!domain.empty() && sender.domain().size() > domain.size()) {
    below = sender.domain().substr(0, sender.domain().size() - domain.size() - 1);
  }
  const Text number = service.form(sender.local(), below);
  if (!IsNumber(number)) return {};
  return std::string(service.word) + accounts::kSeparator + std::string(number);
}

}  // namespace

std::string AccountByName(std::string_view sender, std::string_view client_name) {
  if (sender.empty() || client_name.empty()) return {};
  for (const Service& service : kServices) {
    if (DomainOver(client_name, service.names).empty()) continue;
    const CanonicalAddress address(sender);
    const Service* const owner = OwnerOf(address.domain());
    if (owner != nullptr ? owner != &service : service.at == At::kOwnDomains) continue;
    return Account(service, address);
  }
  return {};
}

std::optional<std::string> ServiceAccount(std::string_view sender) {
  const CanonicalAddress address(sender);
  const Service* const owner = OwnerOf(address.domain());
  if (owner == nullptr) return std::nullopt;
  return Account(*owner, address);
}

std::string WhyNoAccount(std::string_view text) {
  const std::size_t mark = text.find(accounts::kSeparator);
  if (mark == Text::npos) {
    const Service* const owner = OwnerOf(text);
    if (owner == nullptr) return {};
    if (owner->form == nullptr) return "its envelopes do not say for which customer they are sent";
    return "it belongs to a service with many customers: write \"" + std::string(owner->word) +
           ":NUMBER\"";
  }
  const std::vector<Text> words = accounts::Services();
  if (std::find(words.begin(), words.end(), text.substr(0, mark)) == words.end()) {
    std::string known;
    for (const Text word : words) known.append(known.empty() ? "" : ", ").append(word);
    return "the services whose customers are known are " + known;
  }
  if (!IsNumber(text.substr(mark + 1))) {
    return "after the service stands its customer's number or name, such as \"sendgrid:12345\"";
  }
  return {};
}

std::vector<std::string_view> accounts::Services() {
  std::vector<Text> words;
  for (const Service& service : kServices) {
    if (service.form != nullptr) words.push_back(service.word);
  }
  return words;
}

}  // namespace mxward
