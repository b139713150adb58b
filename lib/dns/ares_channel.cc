// SPDX-License-Identifier: Apache-2.0
#include "dns/ares_channel.h"

// Newer ones than Debian 12's would rather have us use what 1.18 has not.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mxward::dns {
namespace {

constexpr int kInternet = 1;

// Of what has no message.
ServerReply ToReply(int status) {
  ServerReply reply;
  switch (status) {
    case ARES_ETIMEOUT:
      reply.kind = ServerReply::Kind::kSilence;
      reply.failure = "no answer";
      break;
    case ARES_ECONNREFUSED:
      reply.kind = ServerReply::Kind::kUnreachable;
      reply.failure = "connection refused";
      break;
    default:
      reply.failure = ares_strerror(status);
  }
  return reply;
}

}  // namespace

void AresChannel::EventFreer::operator()(event* one) const { event_free(one); }

Result<std::unique_ptr<AresChannel>> AresChannel::Open(const Clock& clock, event_base* loop,
                                                       const ServerAddress& server,
                                                       const Manner& manner) {
  // Without a descriptor for it c-ares 1.18 would draw its ids from rand(), and not say so.
  const int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (random < 0 && (errno == EMFILE || errno == ENFILE)) {
    return Fail(ErrorCode::kIo, "server " + server.ToString() + ": no descriptors are left");
  }
  if (random >= 0) close(random);
  std::unique_ptr<AresChannel> self(new AresChannel(clock, loop, manner));
  // Nothing of the machine's own configuration is read: not its resolv.conf (CVE-2024-25629), nor
  // nsswitch.conf, nor its host name.
  std::string no_file = "/dev/null";
  std::string dns_only = "b";
  ares_options options{};
  options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  if (manner.takes_truncated) options.flags |= ARES_FLAG_IGNTC;
  options.timeout = static_cast<int>(manner.first_wait.count()) * ((1 << manner.tries) - 1);
  options.tries = 1;
  options.lookups = dns_only.data();
  options.resolvconf_path = no_file.data();
  options.sock_state_cb = &OnSocketState;
  options.sock_state_cb_data = self.get();
  int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
              ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_MAXTIMEOUTMS
  options.maxtimeout = options.timeout;  // of newer ones; 5 s unless said
  given |= ARES_OPT_MAXTIMEOUTMS;
#endif
#ifdef ARES_OPT_QUERY_CACHE
  options.qcache_max_ttl = 0;  // from c-ares 1.31 on it would remember by itself
  given |= ARES_OPT_QUERY_CACHE;
#endif
  int status = ares_init_options(&self->channel_, &options, given);
  if (status == ARES_SUCCESS) {
    self->sockets_.Serve(self->channel_);
    status = ares_set_servers_ports_csv(self->channel_, server.ToString().c_str());
  } else {
    self->channel_ = nullptr;
  }
  if (status != ARES_SUCCESS) {
    return Fail(ErrorCode::kInternal,
                "c-ares: server " + server.ToString() + ": " + ares_strerror(status));
  }
  return self;
}

AresChannel::~AresChannel() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

void AresChannel::Ask(const Question& question, Done done) {
  const auto query = std::make_shared<Query>(Query{question, std::move(done)});
  ++under_way_;
  Send(query);
}

void AresChannel::Send(const QueryPtr& query) {
  if (++query->sent < manner_.tries) {
    repetitions_.emplace(clock_.Monotonic() + manner_.first_wait * (1 << (query->sent - 1)), query);
  }
  auto sending = std::make_unique<Sending>(Sending{this, query});
  ++sendings_;
  // c-ares calls back exactly once, whatever happens, and that takes the sending.
  ares_query(channel_, query->question.name.c_str(), kInternet,
             static_cast<int>(query->question.type), &OnReply, sending.release());
}

void AresChannel::Tick() {
  const MonoTime now = clock_.Monotonic();
  while (!repetitions_.empty() && repetitions_.begin()->first <= now) {
    const QueryPtr query = repetitions_.extract(repetitions_.begin()).mapped();
    if (query->done) Send(query);
  }
  if (sendings_ > 0) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void AresChannel::OnReply(void* sending, int status, int /*timeouts*/, unsigned char* message,
                          int size) noexcept {
  const std::unique_ptr<Sending> self(static_cast<Sending*>(sending));
  AresChannel& channel = *self->channel;
  --channel.sendings_;
  // It was sent several times, and this is another answer, or the silence after one.
  if (!self->query->done) return;
  --channel.under_way_;
  try {
    const Done done = std::exchange(self->query->done, nullptr);
    ServerReply reply = ToReply(status);
    std::string whole;
    if (message != nullptr && size > 0) {
      whole = channel.sockets_.Take(
          {reinterpret_cast<const char*>(message), static_cast<std::size_t>(size)});
    }
    if (!whole.empty()) {
      reply.kind = ServerReply::Kind::kMessage;
      reply.message = whole;
    }
    done(reply);
  } catch (...) {
    // Out of memory: waiters are answered at the deadline.
  }
}

void AresChannel::OnSocketState(void* self, int fd, int readable, int writable) noexcept {
  auto* channel = static_cast<AresChannel*>(self);
  try {
    channel->Watch(fd, readable != 0, writable != 0);
  } catch (...) {
    // Out of memory: the socket is not listened to; c-ares gives the questions up by and by.
  }
}

void AresChannel::Watch(int fd, bool readable, bool writable) {
  watched_.erase(fd);
  if (!readable && !writable) return;
  const int what = EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);
  std::unique_ptr<event, EventFreer> one(
      event_new(loop_, fd, static_cast<short>(what), &OnSocketEvent, this));
  if (one == nullptr || event_add(one.get(), nullptr) != 0) return;
  watched_[fd] = std::move(one);
}

void AresChannel::OnSocketEvent(int fd, short what, void* self) noexcept {
  auto* channel = static_cast<AresChannel*>(self);
  ares_process_fd(channel->channel_, (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
                  (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
  // What has been taken from the network already raises no event.
  std::size_t before = 0;
  for (std::size_t unread = channel->sockets_.Unread(fd); unread > 0 && unread != before;
       unread = channel->sockets_.Unread(fd)) {
    before = unread;
    ares_process_fd(channel->channel_, fd, ARES_SOCKET_BAD);
  }
  channel->sockets_.Forget();
}

}  // namespace mxward::dns
