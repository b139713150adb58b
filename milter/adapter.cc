// SPDX-License-Identifier: Apache-2.0
#include "milter/adapter.h"

#include <libmilter/mfapi.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/mail_address.h"
#include "base/text.h"
#include "engine/session.h"
#include "milter/reply_text.h"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace mxward {
namespace {

// A session's callbacks run one after the other on libmilter's threads, which hand it on under a
// lock of libmilter's. ThreadSanitizer needs a hint, because it does not see into libmilter
// (tests/tsan.supp).
class TsanSessionOrder {
 public:
  explicit TsanSessionOrder([[maybe_unused]] SMFICTX* ctx) {
#if defined(__SANITIZE_THREAD__)
    ctx_ = ctx;
    __tsan_acquire(ctx_);
#endif
  }
#if defined(__SANITIZE_THREAD__)
  ~TsanSessionOrder() { __tsan_release(ctx_); }

 private:
  void* ctx_;
#endif
};

// libmilter's callbacks carry no pointer of ours.
MilterAdapter* g_adapter = nullptr;

// A refusal is never given at DATA (and MAIL, HELO): libmilter then goes back to where it was after
// HELO, and what the MTA sends next of the same transaction, another DATA or RCPT, it drops without
// an answer, so that the MTA waits and then goes on without us. RCPT is the exception, and at the
// end of the message nothing of it can follow. That end always comes, from MTAs of every version.
//
// Only what is wanted is asked for; what an MTA does not offer is left out (libmilter ends a
// session that asks for more). Nothing is decided at CONNECT, HELO and MAIL, so by default the MTA
// does not wait for an answer there.
//
// But Postfix keeps what needs no answer in its buffer until it has to wait for one: CONNECT, HELO
// and MAIL would reach us together with the first RCPT, too late for lookups to overlap the
// client's own round trips. So a stage at which a lookup begins is answered, with CONTINUE, at
// once.
//
// libmilter offers the NR bits whatever the MTA knows, and sends a CONTINUE of its own to one that
// does not know them. So the stages without a reply always return SMFIS_NOREPLY; any other answer
// there is dropped, and libmilter logs it each time.
constexpr unsigned long kQuietStages = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL;
constexpr unsigned long kSteps =
    SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_RCPT_REJ;
// For a connection that is let through unseen.
constexpr unsigned long kNoSteps = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT |
                                   SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
                                   SMFIP_NOUNKNOWN | kQuietStages;

// The stages among CONNECT, HELO and MAIL that this configuration answers none of.
unsigned long QuietStages(const Config& config) {
  unsigned long quiet = kQuietStages;
  for (const LimitConfig& limit : config.limit) {
    // What is open has to be counted when it opens.
    if (limit.at == LimitAt::kConnect || limit.count == LimitCount::kConcurrent)
      quiet &= ~static_cast<unsigned long>(SMFIP_NR_CONN);
  }
  for (const DnsblConfig& list : config.dnsbl) {
    for (const DnsblOf of : list.of) {
      // HELO reaches us with MAIL, which is early enough.
      quiet &= ~static_cast<unsigned long>(
          of == DnsblOf::kClient || of == DnsblOf::kClientName ? SMFIP_NR_CONN : SMFIP_NR_MAIL);
    }
  }
  if (config.score.AboutSenderDomains()) quiet &= ~static_cast<unsigned long>(SMFIP_NR_MAIL);
  return quiet;
}

// Descriptors kept back for the store, the log, the control socket; of a very low limit half.
constexpr std::int64_t kReservedDescriptors = 128;

// No address, name or macro is longer where it comes from: Postfix cuts lines at as much, Sendmail
// takes less. This bounds what a session stores.
constexpr std::size_t kMaxArgument = 2048;

std::string_view Argument(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text).substr(0, kMaxArgument);
}

// How long the end waits for libmilter's listener.
constexpr Millis kListenerLimit{1000};

std::int64_t DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<std::int64_t>(limit.rlim_cur);
}

std::string_view Macro(SMFICTX* ctx, const char* name) {
  return Argument(smfi_getsymval(ctx, const_cast<char*>(name)));
}

// A host name as reported by an MTA; empty for "unknown" and for an address in brackets.
std::string HostName(std::string_view name) {
  if (name.empty() || name.front() == '[' || name == "unknown") return "";
  while (name.ends_with('.')) name.remove_suffix(1);
  return ToLower(name);
}

SessionFacts ConnectionFacts(SMFICTX* ctx, const char* host, const sockaddr* address) {
  SessionFacts facts;
  facts.client = IpAddress::FromSockaddr(address);
  facts.client_name = HostName(Macro(ctx, "{client_name}"));
  facts.claimed_name = HostName(Macro(ctx, "{client_ptr}"));
  if (facts.claimed_name.empty()) facts.claimed_name = HostName(Argument(host));
  facts.mta_name = HostName(Macro(ctx, "j"));
  facts.daemon_port = Macro(ctx, "{daemon_port}");
  facts.daemon_name = Macro(ctx, "{daemon_name}");
  facts.daemon_address = Macro(ctx, "{daemon_addr}");
  const std::string_view resolve = Macro(ctx, "{client_resolve}");
  if (resolve == "FORGED") {
    facts.name_class = NameClass::kForged;
  } else if (resolve == "TEMP") {
    facts.name_class = NameClass::kTempfail;
  } else if (resolve == "FAIL") {
    facts.name_class = NameClass::kNone;
  } else if (!facts.client_name.empty() || resolve == "OK") {
    facts.name_class = NameClass::kGood;
  }
  if (facts.name_class != NameClass::kGood) facts.client_name.clear();
  return facts;
}

}  // namespace

// One connection of the MTA.
struct MilterConnection {
  MilterConnection(Engine& engine, std::atomic<std::int64_t>& count)
      : session(engine), count_(count) {
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  ~MilterConnection() { count_.fetch_sub(1, std::memory_order_relaxed); }
  MilterConnection(const MilterConnection&) = delete;
  MilterConnection& operator=(const MilterConnection&) = delete;

  Session session;
  // SMFIP_NR_*: the stages negotiated to have no reply. When a connection is used again (QUIT_NC)
  // they are not known any more, and none is taken for quiet: a reply too many is dropped, one too
  // few would hang the MTA.
  unsigned long quiet = 0;
  bool may_add_headers = false;  // negotiated; not known any more after QUIT_NC either

 private:
  std::atomic<std::int64_t>& count_;
};

struct MilterCallbacks {
  // In every callback, from its beginning to its end.
  class Callback {
   public:
    explicit Callback(SMFICTX* ctx) : order_(ctx) {}
    ~Callback() { g_adapter->finished_.fetch_add(1, std::memory_order_relaxed); }
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;

   private:
    TsanSessionOrder order_;
  };

  // Runs a callback's body where nothing escapes; what it returns, or nothing when it failed.
  template <class Body>
  static std::optional<sfsistat> Run(Body body) noexcept {
    std::optional<sfsistat> result;
    try {
      result = body();
    } catch (const std::exception& error) {
      NoteFailure(error.what());
    } catch (...) {
      NoteFailure("unknown exception");
    }
    return result;
  }

  template <class Body>
  static sfsistat Guard(SMFICTX* ctx, Body body) noexcept {
    const Callback callback(ctx);
    const std::optional<sfsistat> result = Run(body);
    return result ? *result : AnswerFailure(ctx);
  }

  // The same for a stage at which nothing is decided. Whatever happens it goes on: a verdict at
  // CONNECT would be the whole session's.
  template <class Body>
  static sfsistat GuardQuiet(SMFICTX* ctx, unsigned long stage, Body body) noexcept {
    const Callback callback(ctx);
    Run([&body] {
      body();
      return SMFIS_CONTINUE;
    });
    return QuietAnswer(ctx, stage);
  }

  static sfsistat QuietAnswer(SMFICTX* ctx, unsigned long stage) noexcept {
    const auto* connection = static_cast<const MilterConnection*>(smfi_getpriv(ctx));
    return connection != nullptr && (connection->quiet & stage) != 0 ? SMFIS_NOREPLY
                                                                     : SMFIS_CONTINUE;
  }

  static void NoteFailure(const char* what) noexcept {
    try {
      MilterAdapter& adapter = *g_adapter;
      adapter.engine_->counters().callback_failures.Add();
      std::uint64_t skipped = 0;
      if (adapter.log_failure_.Allow(adapter.engine_->clock().Monotonic(), &skipped)) {
        adapter.engine_->log().Error(std::string("internal failure, mail is not judged: ") + what);
      }
    } catch (...) {
      // Out of memory, most likely: the answer matters more than the line.
    }
  }

  static sfsistat AnswerFailure(SMFICTX* ctx) noexcept {
    try {
      const auto config = g_adapter->engine_->config();
      if (config->on_failure != OnFailure::kTempfail) return SMFIS_CONTINUE;
      return Tell(ctx, {Verdict::kDefer, policy::FailureOutcome(*config).decision.reply});
    } catch (...) {
      return SMFIS_CONTINUE;
    }
  }

  // The connection's state; made at negotiation, or here when a connection is used again (QUIT_NC).
  static MilterConnection& Connection(SMFICTX* ctx) {
    auto* connection = static_cast<MilterConnection*>(smfi_getpriv(ctx));
    if (connection == nullptr) {
      auto made = std::make_unique<MilterConnection>(*g_adapter->engine_, g_adapter->sessions_);
      connection = made.get();
      if (smfi_setpriv(ctx, connection) != MI_SUCCESS) throw std::bad_alloc();
      static_cast<void>(made.release());  // Close() deletes it
    }
    return *connection;
  }

  // A recipient that passes is answered CONTINUE, never ACCEPT: that would wave through the others.
  static sfsistat Tell(SMFICTX* ctx, const Answer& answer) {
    if (answer.verdict == Verdict::kAccept) return SMFIS_CONTINUE;
    const SmtpReply& reply = answer.reply;
    std::string code = std::to_string(reply.code);
    std::string enhanced = reply.enhanced;
    std::string text = SafeReplyText(reply.text);
    // Right before returning: a text that is not used would stay for a later reply of the session.
    smfi_setreply(ctx, code.data(), enhanced.data(), text.data());
    return answer.verdict == Verdict::kDefer ? SMFIS_TEMPFAIL : SMFIS_REJECT;
  }

  static void AskForMacros(SMFICTX* ctx) {
    // Each list replaces the MTA's own for its stage.
    const auto ask = [ctx](int stage, const char* macros) {
      smfi_setsymlist(ctx, stage, const_cast<char*>(macros));
    };
    ask(SMFIM_CONNECT,
        "j {client_name} {client_ptr} {client_resolve} {daemon_name} {daemon_addr} "
        "{daemon_port}");
    ask(SMFIM_HELO, "{tls_version} {verify} {cert_subject} {cert_issuer}");
    ask(SMFIM_ENVFROM, "i {auth_authen} {tls_version} {verify} {cert_subject} {cert_issuer}");
    ask(SMFIM_ENVRCPT, "i {rcpt_mailer} {rcpt_host} {rcpt_addr}");
  }

  static sfsistat Negotiate(SMFICTX* ctx, unsigned long offered_actions,
                            unsigned long offered_steps, unsigned long, unsigned long,
                            unsigned long* actions, unsigned long* steps, unsigned long* reserved1,
                            unsigned long* reserved2) {
    return Guard(ctx, [&] {
      MilterAdapter& adapter = *g_adapter;
      *actions = offered_actions & SMFIF_SETSYMLIST;
      *reserved1 = 0;
      *reserved2 = 0;
      MilterConnection& connection = Connection(ctx);
      const Config& config = connection.session.config();
      connection.quiet = offered_steps & QuietStages(config);
      *steps = (offered_steps & kSteps) | connection.quiet;
      const std::int64_t open = adapter.sessions();
      const std::int64_t limit = adapter.descriptor_limit_;
      const std::int64_t descriptors = limit - std::min(kReservedDescriptors, limit / 2);
      if (open > std::min(config.milter.max_sessions, descriptors * 3 / 4)) {
        OverLimit(adapter, open, config.milter.max_sessions, descriptors);
        *actions = 0;
        *steps = offered_steps & kNoSteps;
        // Out of descriptors libmilter would spin without a word: better to send this one away.
        return open > descriptors ? SMFIS_REJECT : SMFIS_CONTINUE;
      }
      if (*actions != 0) AskForMacros(ctx);
      if (config.add_header) *actions |= offered_actions & SMFIF_ADDHDRS;
      connection.may_add_headers = (*actions & SMFIF_ADDHDRS) != 0;
      return SMFIS_CONTINUE;
    });
  }

  static void OverLimit(MilterAdapter& adapter, std::int64_t open, std::int64_t max_sessions,
                        std::int64_t descriptors) {
    adapter.engine_->counters().sessions_over_limit.Add();
    std::uint64_t skipped = 0;
    if (!adapter.log_over_limit_.Allow(adapter.engine_->clock().Monotonic(), &skipped)) return;
    std::string text = std::to_string(open) + (open == 1 ? " connection" : " connections at once");
    if (open > descriptors || descriptors * 3 / 4 < max_sessions) {
      text += ", but only " + std::to_string(adapter.descriptor_limit_) +
              " files may be open (LimitNOFILE=): ";
    } else {
      text += ", over milter.max_sessions (" + std::to_string(max_sessions) + "): ";
    }
    text += open > descriptors ? "the mail server is turned away" : "some pass unjudged";
    adapter.engine_->log().Warning(text);
  }

  static sfsistat Connect(SMFICTX* ctx, char* host, sockaddr* address) {
    const Callback callback(ctx);
    const std::optional<sfsistat> result = Run([&]() -> sfsistat {
      MilterConnection& connection = Connection(ctx);
      const Answer answer = connection.session.Connect(ConnectionFacts(ctx, host, address));
      const bool quiet = (connection.quiet & SMFIP_NR_CONN) != 0;
      if (quiet || answer.verdict == Verdict::kAccept)
        return quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE;
      return Tell(ctx, answer);
    });
    return result ? *result : QuietAnswer(ctx, SMFIP_NR_CONN);
  }

  static sfsistat Helo(SMFICTX* ctx, char* name) {
    return GuardQuiet(ctx, SMFIP_NR_HELO, [&] { Connection(ctx).session.Helo(Argument(name)); });
  }

  static sfsistat Mail(SMFICTX* ctx, char** arguments) {
    return GuardQuiet(ctx, SMFIP_NR_MAIL, [&] {
      MilterConnection& connection = Connection(ctx);
      if (!Macro(ctx, "{tls_version}").empty()) {
        // Sendmail passes on any certificate and says in {verify} what it is worth; Postfix only a
        // trusted one.
        const std::string_view verify = Macro(ctx, "{verify}");
        const bool verified = verify.empty() || verify == "OK";
        connection.session.Tls(verified ? std::string(Macro(ctx, "{cert_subject}")) : "",
                               verified ? std::string(Macro(ctx, "{cert_issuer}")) : "");
      }
      MessageFacts facts;
      facts.sender = StripAngles(Argument(arguments[0]));
      facts.authenticated_user = Macro(ctx, "{auth_authen}");
      facts.queue_id = Macro(ctx, "i");
      connection.session.Mail(std::move(facts));
    });
  }

  static sfsistat Recipient(SMFICTX* ctx, char** arguments) {
    g_adapter->deciding_.fetch_add(1);
    const sfsistat result = Guard(ctx, [&] {
      const std::string_view recipient = StripAngles(Argument(arguments[0]));
      Session& session = Connection(ctx).session;
      // One that the MTA has refused: the host is an enhanced status code. Sendmail reports only
      // those that its local mailer does not know, not of what its rules refuse.
      if (Macro(ctx, "{rcpt_mailer}") == "error") {
        session.RefusedRecipient(recipient, Macro(ctx, "{rcpt_host}"));
        return SMFIS_CONTINUE;
      }
      return Tell(ctx, session.Recipient(recipient, Macro(ctx, "i")));
    });
    g_adapter->deciding_.fetch_sub(1);
    return result;
  }

  static sfsistat EndOfMessage(SMFICTX* ctx) {
    return Guard(ctx, [&] {
      MilterConnection& connection = Connection(ctx);
      if (connection.may_add_headers) {
        std::optional<std::string> text = connection.session.Header();
        std::string name(kDelayHeader);
        // A header that could not be added is no reason to lose the mail.
        if (text) smfi_addheader(ctx, name.data(), text->data());
      }
      return Tell(ctx, connection.session.TakeMessage());
    });
  }

  static sfsistat Abort(SMFICTX* ctx) {
    return Guard(ctx, [&] {
      Connection(ctx).session.EndMessage();
      return SMFIS_CONTINUE;
    });
  }

  // May run under libmilter's global lock: quick, and nothing that waits.
  static sfsistat Close(SMFICTX* ctx) {
    return Guard(ctx, [&] {
      delete static_cast<MilterConnection*>(smfi_getpriv(ctx));
      smfi_setpriv(ctx, nullptr);
      return SMFIS_CONTINUE;
    });
  }
};

MilterAdapter::MilterAdapter(Options options) : options_(std::move(options)) { g_adapter = this; }

Result<void> MilterAdapter::Open() {
  smfiDesc description{};
  static char name[] = "mxward";
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFIF_SETSYMLIST;
  description.xxfi_negotiate = &MilterCallbacks::Negotiate;
  description.xxfi_connect = &MilterCallbacks::Connect;
  description.xxfi_helo = &MilterCallbacks::Helo;
  description.xxfi_envfrom = &MilterCallbacks::Mail;
  description.xxfi_envrcpt = &MilterCallbacks::Recipient;
  description.xxfi_eom = &MilterCallbacks::EndOfMessage;
  description.xxfi_abort = &MilterCallbacks::Abort;
  description.xxfi_close = &MilterCallbacks::Close;
  if (smfi_register(description) != MI_SUCCESS) {
    return Fail(ErrorCode::kInternal, "libmilter does not accept this filter's description");
  }
  const bool is_unix = options_.listen.kind == ListenAddress::Kind::kUnix;
  if (is_unix) {
    MXWARD_TRY(socket_file_, SocketFile::Claim(options_.listen.path));
  }
  std::string address = options_.listen.ToLibmilter();
  // libmilter never sets the mode. A chmod afterwards could be led astray by who owns the folder.
  const mode_t old_mask = umask(0777 & ~options_.socket_mode);
  errno = 0;
  const bool opened =
      smfi_setconn(address.data()) == MI_SUCCESS && smfi_opensocket(is_unix) == MI_SUCCESS;
  const int cause = errno;
  umask(old_mask);
  if (!opened) {
    return Fail(ErrorCode::kIo, "cannot listen on " + address +
                                    (cause != 0 ? std::string(": ") + std::strerror(cause) : ""));
  }
  self_connect_.emplace(options_.listen);
  return socket_file_ ? socket_file_->GiveTo(options_.socket_group) : Result<void>();
}

void MilterAdapter::Run(Engine& engine) {
  engine_ = &engine;
  descriptor_limit_ = DescriptorLimit();
  // Whether it failed does not matter: it has ended, asked or not.
  smfi_main();
  ended_.store(true);
}

void MilterAdapter::Stop() {
  stopping_.store(true);
  // It sets a flag at once, after which no worker begins anything new. Then it waits for the
  // listener, which looks at the flag when its poll of five seconds ends. Left behind: it may wait
  // for a lock that is gone.
  std::thread([] { smfi_stop(); }).detach();
  // The listener may not end at all. libmilter's pool destroys the lock of its list of sessions
  // while others use it, and a connection that comes just then makes the listener wait for it for
  // ever. Nothing depends on it any more.
  constexpr Millis kStep{10};
  for (Millis waited{0}; !ended_.load() && waited < kListenerLimit; waited += kStep) {
    self_connect_->Wake();
    std::this_thread::sleep_for(kStep);
  }
}

bool MilterAdapter::Drain(Millis limit) {
  constexpr Millis kStep{5};
  for (Millis waited{0}; deciding_.load() > 0; waited += kStep) {
    if (waited >= limit) return false;
    std::this_thread::sleep_for(kStep);
  }
  return true;
}

void MilterAdapter::RemoveSocket() {
  if (socket_file_) socket_file_->Remove();
}

SocketFile::State MilterAdapter::LookAtSocket() const {
  return socket_file_ ? socket_file_->Look() : SocketFile::State::kThere;
}

}  // namespace mxward
