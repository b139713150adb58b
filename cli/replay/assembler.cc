// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/assembler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/replay/postfix_log.h"
#include "cli/replay/sendmail_log.h"

namespace mxward::cli::maillog {
namespace {

// Not the word of an attacker: hosts, programs and queue IDs are the mail server's own.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  return (a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdULL | 1;
}

std::uint64_t Hash(std::string_view text) { return std::hash<std::string_view>()(text); }

std::uint64_t ProcessKey(const Line& line) {
  return Mix(Mix(Hash(line.host), Hash(line.program)), line.pid);
}

std::string Text(std::string_view text) {
  return std::string(text.substr(0, Assembler::kLongestText));
}

std::string HostName(std::string_view name) {
  std::string lower = ToLower(name.substr(0, Assembler::kLongestText));
  while (lower.ends_with('.')) lower.pop_back();
  return lower;
}

Fate FateOf(const Event& event) {
  if (event.refuser == Refuser::kMta) return Fate::kRefused;
  return event.code >= 500 ? Fate::kRejected : Fate::kDeferred;
}

bool IsAboutMessages(EventKind kind) {
  return kind == EventKind::kSender || kind == EventKind::kDelivery || kind == EventKind::kDone;
}

}  // namespace

Assembler::Assembler(std::function<void(const Step&)> tell)
    : tell_(std::move(tell)), processes_([this](const Process& process) {
        Queue({Step::Kind::kDisconnect, now_, process.session, nullptr, nullptr});
        newest_.erase(process.session);
        EndTlsWait(process.session, /*used_tls=*/false);
      }) {}

Assembler::HeldPtr Assembler::Find(std::uint64_t key) const {
  if (key == 0) return nullptr;
  const auto found = by_queue_id_.find(key);
  return found == by_queue_id_.end() ? nullptr : found->second;
}

Process& Assembler::ProcessOf(const Line& line) {
  Process& process = processes_.Get(ProcessKey(line), now_);
  if (process.server.empty()) {
    // "mx postfix" of postfix/smtpd, an instance's of postfix-in/smtpd.
    const std::size_t end = std::min(line.program.rfind('/'), line.program.size());
    process.server = Text(line.host).append(" ").append(Text(line.program.substr(0, end)));
  }
  return process;
}

void Assembler::Queue(Step step) {
  auto held = std::make_shared<Held>();
  held->step = std::move(step);
  held->complete = true;
  queue_.push_back(std::move(held));
}

Assembler::HeldPtr Assembler::NewMessage(const Process* process, std::uint64_t key) {
  auto held = std::make_shared<Held>();
  auto message = std::make_shared<Message>();
  held->key = key;
  held->give_up = now_ + kPatience;
  held->step.kind = Step::Kind::kMessage;
  held->step.time = now_;
  if (process != nullptr) {
    message->session = process->session;
    message->client = process->client;
    message->helo = process->helo;
    message->tls = process->tls;
    held->step.session = process->session;
  }
  held->step.message = std::move(message);
  queue_.push_back(held);
  if (key != 0) {
    // A queue ID comes again when its message is gone; what is still held of the old one goes on.
    HeldPtr& place = by_queue_id_[key];
    if (place != nullptr) place->complete = true;
    place = held;
  }
  return held;
}

void Assembler::TellReady(bool all) {
  while (!queue_.empty()) {
    const HeldPtr held = queue_.front();
    const bool full = queue_.size() > kMostSteps;
    if (!held->complete && now_ < held->give_up && !full && !all) return;
    if (held->complete && now_ < held->tls_known && !full && !all) return;
    if (!held->complete && full) ++counts_.forced;
    queue_.pop_front();
    if (held->key != 0) {
      const auto found = by_queue_id_.find(held->key);
      if (found != by_queue_id_.end() && found->second == held) by_queue_id_.erase(found);
    }
    if (held->step.kind == Step::Kind::kMessage) {
      const auto newest = newest_.find(held->step.session);
      if (newest != newest_.end() && newest->second == held) newest_.erase(newest);
      const Message& message = *held->step.message;
      if (held->submission) {
        ++counts_.submissions;
        continue;
      }
      if (message.client == nullptr || message.recipients.empty() || !message.has_sender) {
        ++counts_.unfinished;
        continue;
      }
      ++counts_.messages;
    }
    tell_(held->step);
  }
}

void Assembler::Connect(Process& process, const Event& event, std::string_view port) {
  if (process.session != 0) Disconnect(process);
  process.session = ++sessions_made_;
  ++counts_.sessions;
  process.client = std::make_shared<SessionFacts>();
  SessionFacts& facts = *process.client;
  facts.client = event.client;
  facts.name_class = event.name_class;
  facts.claimed_name = HostName(event.client_name);
  if (facts.name_class == NameClass::kGood) facts.client_name = facts.claimed_name;
  facts.daemon_port = port;
  // Whether TLS is offered is known of each mail server by itself.
  facts.daemon_address = process.server;
  if (process.name_trouble && process.name_trouble->client == event.client &&
      facts.name_class == NameClass::kNone) {
    facts.name_class = process.name_trouble->name_class;
    facts.claimed_name = process.name_trouble->claimed_name;
  }
  process.name_trouble.reset();
  Queue({Step::Kind::kConnect, now_, process.session, process.client, nullptr});
}

void Assembler::NoteTls(Process& process) {
  if (!process.tls && !IsSubmissionPort(process.client->daemon_port)) ++counts_.tls_sessions;
  process.tls = true;
}

void Assembler::AwaitTls(const Process& process, const HeldPtr& held) {
  if (process.tls || !counts_commands_ || logs_tls_) return;
  held->tls_known = now_ + kPatienceForTls;
  without_tls_[process.session].push_back(held);
}

void Assembler::EndTlsWait(std::uint64_t session, bool used_tls) {
  const auto found = without_tls_.find(session);
  if (found == without_tls_.end()) return;
  for (const HeldPtr& held : found->second) {
    held->tls_known = {};
    if (used_tls) held->step.message->tls = true;
  }
  without_tls_.erase(found);
}

void Assembler::Disconnect(Process& process) {
  const std::uint64_t session = std::exchange(process.session, 0);
  if (session == 0) return;
  const auto newest = newest_.find(session);
  if (newest != newest_.end()) {
    Held& held = *newest->second;
    if (!held.step.message->has_sender)
      held.give_up = std::min(held.give_up, now_ + kPatienceAfterEnd);
    newest_.erase(newest);
  }
  EndTlsWait(session, /*used_tls=*/false);
  process.client.reset();
  process.helo.clear();
  process.tls = false;
  Queue({Step::Kind::kDisconnect, now_, session, nullptr, nullptr});
}

// The log may begin in the middle of a session.
void Assembler::EnsureConnected(Process& process, const Event& event, std::string_view port) {
  if (process.session != 0 && process.client->client == event.client) return;
  Connect(process, event, port);
}

void Assembler::Note(Process& process, const Event& event, const HeldPtr& held) {
  if (event.helo.empty()) return;
  if (held != nullptr) {
    held->step.message->helo = Text(event.helo);
  } else if (event.queue_id.empty()) {
    process.helo = Text(event.helo);
  }
}

void Assembler::BeginMessage(Process& process, const Event& event, std::uint64_t key,
                             bool submission) {
  const HeldPtr held = NewMessage(&process, key);
  held->step.message->queue_id = Text(event.queue_id);
  held->step.message->user = Text(event.user);
  held->submission = submission && event.user.empty();
  AwaitTls(process, held);
  newest_[process.session] = held;
}

void Assembler::AddRefusal(Process& process, const Event& event, std::uint64_t key) {
  HeldPtr held = Find(key);
  const bool alone = held == nullptr;
  if (alone) {
    held = NewMessage(&process, 0);
    AwaitTls(process, held);
  }
  Message& message = *held->step.message;
  if (event.has_sender) {
    message.has_sender = true;
    message.sender = Text(event.sender);
  }
  if (!event.helo.empty()) message.helo = Text(event.helo);
  if (message.recipients.size() < kMostRecipients) {
    message.recipients.push_back(
        {Text(event.recipient), FateOf(event), std::string(event.enhanced.substr(0, 16))});
  }
  if (alone) held->complete = true;
}

void Assembler::AddWhole(Process& process, const Event& event) {
  if (!event.has_sender || !event.has_recipient) {
    ++counts_.unfinished;
    return;
  }
  const HeldPtr held = NewMessage(&process, 0);
  AwaitTls(process, held);
  Message& message = *held->step.message;
  message.has_sender = true;
  message.sender = Text(event.sender);
  message.helo = Text(event.helo);
  message.recipients.push_back({Text(event.recipient), Fate::kTaken, ""});
  message.content_deferred = event.code >= 400 && event.code < 500;
  message.content_rejected = event.code >= 500;
  held->complete = true;
}

void Assembler::RefuseContent(Held& held, const Event& event) {
  Message& message = *held.step.message;
  if (event.has_sender) {
    message.has_sender = true;
    message.sender = Text(event.sender);
  }
  if (!event.helo.empty()) message.helo = Text(event.helo);
  if (event.has_recipient && held.delivered == 0) {
    message.recipients.push_back({Text(event.recipient), Fate::kTaken, ""});
  }
  message.content_deferred = event.code >= 400 && event.code < 500;
  message.content_rejected = !message.content_deferred;
  held.complete = true;
}

// One address, or several of Sendmail's with commas between them. Aliases make several deliveries
// of one recipient, and a delivery may be tried again.
void Assembler::AddDeliveries(Held& held, std::string_view recipients) {
  Message& message = *held.step.message;
  while (!recipients.empty()) {
    const std::size_t end = std::min(recipients.find(",<"), recipients.size());
    std::string_view one = recipients.substr(0, end);
    recipients.remove_prefix(std::min(end + 1, recipients.size()));
    if (one.starts_with('<')) one.remove_prefix(1);
    if (one.ends_with('>')) one.remove_suffix(1);
    ++held.delivered;
    const std::string address = Text(one);
    const bool known =
        std::any_of(message.recipients.begin(), message.recipients.end(),
                    [&](const Recipient& other) { return EqualsNoCase(other.address, address); });
    if (!known && message.recipients.size() < kMostRecipients) {
      message.recipients.push_back({address, Fate::kTaken, ""});
    }
  }
  if (held.expected > 0 && held.delivered >= held.expected) held.complete = true;
}

void Assembler::AddPostfix(const Line& line, std::string_view daemon, std::string_view port) {
  const Event event = ParsePostfix(daemon, line.text);
  if (event.kind == EventKind::kNothing) return;
  const std::uint64_t key = event.queue_id.empty() ? 0 : Mix(Hash(line.host), Hash(event.queue_id));
  if (event.kind == EventKind::kBroken) {
    ++counts_.broken;
    return;
  }
  if (event.kind == EventKind::kScreened) {
    ++counts_.screened;
    return;
  }
  if (IsAboutMessages(event.kind) || daemon == "cleanup") {
    const HeldPtr held = Find(key);
    if (held == nullptr) return;
    Message& message = *held->step.message;
    switch (event.kind) {
      case EventKind::kSender:
        message.has_sender = true;
        message.sender = Text(event.sender);
        held->expected = std::max(event.recipients, 1U);
        held->give_up = now_ + kPatienceForDelivery;
        break;
      case EventKind::kDelivery:
        AddDeliveries(*held, event.recipient);
        break;
      case EventKind::kContentRefusal:
        RefuseContent(*held, event);
        break;
      case EventKind::kNote:
        if (!event.helo.empty()) message.helo = Text(event.helo);
        break;
      default:
        held->complete = true;
    }
    return;
  }
  Process& process = ProcessOf(line);
  const bool submission = !port.empty();
  switch (event.kind) {
    case EventKind::kNameTrouble: {
      SessionFacts named;
      named.client = event.client;
      named.claimed_name = HostName(event.client_name);
      named.name_class = event.name_class;
      process.name_trouble = std::move(named);
      break;
    }
    case EventKind::kConnect:
      Connect(process, event, port);
      break;
    case EventKind::kDisconnect:
      counts_commands_ = counts_commands_ || event.counts_commands;
      if (process.session == 0 || process.client->client != event.client) break;
      if (event.used_tls) {
        NoteTls(process);
        EndTlsWait(process.session, /*used_tls=*/true);
      }
      Disconnect(process);
      break;
    case EventKind::kTls:
      logs_tls_ = true;
      EnsureConnected(process, event, port);
      NoteTls(process);
      break;
    case EventKind::kMessage:
      if (event.reinjected) {
        ++counts_.reinjected;
        break;
      }
      EnsureConnected(process, event, port);
      BeginMessage(process, event, key, submission);
      break;
    case EventKind::kNote:
      if (event.refused) ++counts_.refused_early;
      EnsureConnected(process, event, port);
      Note(process, event, Find(key));
      break;
    case EventKind::kRefusal:
      // Users who have not logged in yet, or mistyped: no strangers.
      if (submission) break;
      EnsureConnected(process, event, port);
      AddRefusal(process, event, key);
      break;
    case EventKind::kContentRefusal:
      if (const HeldPtr held = Find(key)) RefuseContent(*held, event);
      break;
    case EventKind::kWhole:
      // The client is not named in it.
      if (process.session != 0) AddWhole(process, event);
      break;
    default:
      break;
  }
}

// Its lines tell of a message when it has ended; what was refused of it before. Which client it was
// may come only then.
void Assembler::AddSendmail(const Line& line) {
  const Event event = ParseSendmail(line.text);
  if (event.kind == EventKind::kNothing) return;
  if (event.kind == EventKind::kTls) {
    Process& process = ProcessOf(line);
    process.silent_end = true;
    // A process has one client in its life.
    EnsureConnected(process, event, "");
    NoteTls(process);
    return;
  }
  const std::uint64_t key = Mix(Hash(line.host), Hash(event.queue_id));
  HeldPtr held = Find(key);
  if (event.kind == EventKind::kDelivery) {
    // Local submissions have no message here.
    if (held != nullptr) AddDeliveries(*held, event.recipient);
    return;
  }
  if (held == nullptr) held = NewMessage(nullptr, key);
  Message& message = *held->step.message;
  if (event.client) {
    Process& process = ProcessOf(line);
    process.silent_end = true;
    EnsureConnected(process, event, "");
    message.client = process.client;
    message.session = process.session;
    message.tls = process.tls;
    held->step.session = process.session;
  }
  switch (event.kind) {
    case EventKind::kReceived:
      message.has_sender = true;
      message.sender = Text(event.sender);
      message.user = Text(event.user);
      message.queue_id = Text(event.queue_id);
      held->expected = event.recipients;
      held->give_up = now_ + kPatienceForDelivery;
      // All its recipients were refused.
      if (event.recipients == 0) held->complete = true;
      break;
    case EventKind::kRefusal:
      if (message.recipients.size() < kMostRecipients) {
        message.recipients.push_back(
            {Text(event.recipient), FateOf(event), std::string(event.enhanced.substr(0, 16))});
      }
      break;
    case EventKind::kContentRefusal:
      message.content_deferred = event.code < 500;
      message.content_rejected = !message.content_deferred;
      break;
    default:
      break;
  }
}

void Assembler::Add(const Line& line) {
  ++counts_.lines;
  now_ = std::max(now_, line.time);
  if (now_ - tidied_ >= std::chrono::minutes(1)) {
    tidied_ = now_;
    processes_.DropSilent(now_);
  }
  PostfixProgram postfix = ParsePostfixProgram(line.program);
  if (line.program == "postfix") {
    postfix.daemon = PostfixDaemonOf(line.text);
    if (postfix.daemon.empty()) postfix.daemon = "master";
  }
  if (!postfix.daemon.empty()) {
    ++counts_.mail_server;
    AddPostfix(line, postfix.daemon, postfix.daemon_port);
  } else if (IsSendmail(line.program)) {
    ++counts_.mail_server;
    AddSendmail(line);
  }
  TellReady(/*all=*/false);
}

void Assembler::End() {
  TellReady(/*all=*/true);
  processes_.DropSilent(now_ + OpenSessions::kSilence);
  TellReady(/*all=*/true);
}

Process& OpenSessions::Get(std::uint64_t key, WallTime now) {
  if (processes_.size() >= kMost && !processes_.contains(key)) {
    // Halved until there is room: each process is looked at a few times over its life.
    for (Seconds silence = kSilence; processes_.size() >= kMost && silence.count() > 0;
         silence /= 2) {
      DropSilentFor(silence, std::min<Seconds>(silence, kSilenceWithoutEnd), now);
    }
    if (processes_.size() >= kMost) DropSilentFor(Seconds(0), Seconds(0), now);
  }
  Process& process = processes_[key];
  process.last = now;
  return process;
}

void OpenSessions::DropSilent(WallTime now) { DropSilentFor(kSilence, kSilenceWithoutEnd, now); }

void OpenSessions::DropSilentFor(Seconds silence, Seconds silence_without_end, WallTime now) {
  std::vector<Process> dropped;
  std::erase_if(processes_, [&](const auto& one) {
    const Process& process = one.second;
    const Seconds limit = process.silent_end ? silence_without_end : silence;
    if (now - process.last < limit) return false;
    if (process.session != 0) dropped.push_back(process);
    return true;
  });
  // In the order in which they began, whatever that of the table is.
  std::sort(dropped.begin(), dropped.end(),
            [](const Process& a, const Process& b) { return a.session < b.session; });
  for (const Process& process : dropped) dropped_(process);
}

}  // namespace mxward::cli::maillog
