// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/milter_load.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <span>
#include <utility>

namespace mxward {
namespace {

using std::chrono::steady_clock;

// The driver: one thread, one epoll set, a slot for each connection.
class LoadDriver {
 public:
  explicit LoadDriver(const LoadSpec& spec)
      : spec_(spec), random_(spec.pick_seed), slots_(static_cast<std::size_t>(spec.connections)) {}
  LoadDriver(const LoadDriver&) = delete;
  LoadDriver& operator=(const LoadDriver&) = delete;
  ~LoadDriver() {
    for (const Slot& slot : slots_) {
      if (slot.fd >= 0) ::close(slot.fd);
    }
    if (epoll_ >= 0) ::close(epoll_);
  }

  Result<LoadResult> Run() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    name_.sun_family = AF_UNIX;
    if (epoll_ < 0 || spec_.socket.size() >= sizeof name_.sun_path) {
      return Fail(ErrorCode::kInvalid, spec_.socket + ": cannot drive a load to it");
    }
    std::memcpy(name_.sun_path, spec_.socket.c_str(), spec_.socket.size() + 1);
    began_ = now_ = steady_clock::now();
    if (spec_.window.count() == 0) OpenWindow();
    for (Slot& slot : slots_) Start(slot);
    std::array<epoll_event, 256> events;
    // After the window no session is begun, but those under way end as others do: what the filter
    // still had to do for them would otherwise fall into the next run, of another filter.
    while (active_ > 0 || !resting_.empty()) {
      const bool hurry = !waiting_.empty() || !resting_.empty();
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), hurry ? 1 : 100);
      for (const epoll_event& event : std::span(events.data(), n < 0 ? 0 : n)) {
        now_ = steady_clock::now();
        Serve(slots_[event.data.u32], (event.events & EPOLLOUT) != 0);
      }
      now_ = steady_clock::now();
      for (Slot* slot : std::exchange(waiting_, {})) Connect(*slot);
      for (Slot* slot : std::exchange(resting_, {})) Start(*slot);
      MoveWindow();
      if (now_ - began_ > spec_.limit) return Fail(ErrorCode::kTimeout, "load: took too long");
      if (result_.failures > 1000 && result_.failures > finished_) {
        return Fail(ErrorCode::kUnavailable, spec_.socket + ": most sessions fail");
      }
    }
    CloseWindow();
    return std::move(result_);
  }

 private:
  struct Slot {
    int fd = -1;
    bool polls_output = false;
    std::uint64_t number = 0;
    LoadSession session;
  };

  bool SupplyLeft() const { return spec_.random || result_.messages_used < spec_.messages; }
  // No faster than said, and what was missed is not made up for in one go.
  bool MayStart() {
    if (spec_.most_a_second == 0) return true;
    if (now_ < next_start_) return false;
    const auto pause = std::chrono::duration_cast<LoadTime::duration>(
        std::chrono::duration<double>(1 / spec_.most_a_second));
    next_start_ = std::max(next_start_, now_ - std::chrono::milliseconds(5)) + pause;
    return true;
  }
  bool InWindow() const { return opened_ && !closed_; }

  void Start(Slot& slot) {
    if (closed_ || !SupplyLeft()) return;
    if (!MayStart()) {
      resting_.push_back(&slot);
      return;
    }
    const std::uint64_t number = spec_.random ? random_() % spec_.messages : result_.messages_used;
    ++result_.messages_used;
    ++active_;
    slot.number = spec_.first_message + number;
    slot.session.Begin(spec_.supply ? spec_.supply(slot.number)
                                    : MakeSession(spec_.layout, slot.number, spec_.seed),
                       spec_.depth, now_);
    Connect(slot);
  }

  void Connect(Slot& slot) {
    slot.fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (slot.fd >= 0 &&
        ::connect(slot.fd, reinterpret_cast<const sockaddr*>(&name_), sizeof name_) == 0) {
      slot.polls_output = false;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = static_cast<std::uint32_t>(&slot - slots_.data());
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.fd, &event);
      if (!Send(slot)) End(slot, /*well=*/false);
      return;
    }
    if (errno != EAGAIN) ++result_.failures;  // EAGAIN: the filter's backlog is full
    if (slot.fd >= 0) ::close(slot.fd);
    slot.fd = -1;
    waiting_.push_back(&slot);
  }

  void Serve(Slot& slot, bool writable) {
    if (writable && !Send(slot)) return End(slot, /*well=*/false);
    std::array<char, 4096> bytes;
    const ssize_t n = ::recv(slot.fd, bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return End(slot, /*well=*/false);
    const auto state = slot.session.Receive({bytes.data(), static_cast<std::size_t>(n)}, now_);
    const bool sent = state != LoadSession::State::kBroken && Send(slot);
    if (!sent) return End(slot, /*well=*/false);
    if (state == LoadSession::State::kDone) End(slot, /*well=*/true);
  }

  // False when the connection is broken.
  bool Send(Slot& slot) {
    std::string& output = slot.session.Output();
    if (!output.empty()) {
      const ssize_t n = ::send(slot.fd, output.data(), output.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) return false;
      output.erase(0, n < 0 ? 0 : static_cast<std::size_t>(n));
    }
    if (output.empty() == slot.polls_output) {
      slot.polls_output = !output.empty();
      epoll_event event{};
      event.events = EPOLLIN | (slot.polls_output ? EPOLLOUT : 0U);
      event.data.u32 = static_cast<std::uint32_t>(&slot - slots_.data());
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, slot.fd, &event);
    }
    return true;
  }

  void End(Slot& slot, bool well) {
    ::close(slot.fd);
    slot.fd = -1;
    --active_;
    ++finished_;
    if (!well) ++result_.failures;
    if (well) {
      result_.ended_s.push_back(std::chrono::duration<float>(now_ - began_).count());
      if (InWindow()) Count(slot.session);
      if (spec_.ended) spec_.ended(slot.number, slot.session);
    }
    Start(slot);
  }

  void Count(const LoadSession& session) {
    ++result_.sessions;
    const std::chrono::duration<float, std::micro> took = steady_clock::now() - session.Began();
    result_.session_us.push_back(took.count());
    for (const LoadSession::RcptAnswer& answer : session.RcptAnswers()) {
      result_.rcpt_us.push_back(answer.us);
      ++(answer.reply.Passes()   ? result_.passed
         : answer.reply.Defers() ? result_.deferred
                                 : result_.rejected);
    }
  }

  void MoveWindow() {
    if (spec_.window.count() == 0) return;
    if (!opened_ && now_ - began_ >= spec_.warmup && finished_ >= slots_.size()) OpenWindow();
    if (opened_ && now_ - window_began_ >= spec_.window) CloseWindow();
  }

  void OpenWindow() {
    opened_ = true;
    window_began_ = now_;
    if (spec_.cpu_time) cpu_before_ = spec_.cpu_time();
  }

  void CloseWindow() {
    if (closed_) return;
    closed_ = true;
    result_.elapsed = steady_clock::now() - window_began_;
    if (spec_.cpu_time) result_.cpu = spec_.cpu_time() - cpu_before_;
  }

  const LoadSpec& spec_;
  std::mt19937_64 random_;
  std::vector<Slot> slots_;
  std::vector<Slot*> waiting_;  // for room in the filter's backlog
  std::vector<Slot*> resting_;  // until they may start
  int epoll_ = -1;
  sockaddr_un name_{};
  LoadResult result_;
  std::size_t active_ = 0;
  std::uint64_t finished_ = 0;
  bool opened_ = false;
  bool closed_ = false;
  LoadTime began_, now_, window_began_, next_start_;
  std::chrono::nanoseconds cpu_before_{0};
};

}  // namespace

Result<LoadResult> RunLoad(const LoadSpec& spec) { return LoadDriver(spec).Run(); }

Result<void> IdleConnections::Open(const std::string& socket, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    auto client = MilterClient::Connect("unix:" + socket, std::chrono::seconds(10));
    if (!client) return Fail(client.error());
    if (auto terms = (*client)->Negotiate(); !terms) return Fail(terms.error());
    (*client)->SetMacro("{client_resolve}", "FAIL");
    const std::string address = "100.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    auto answer = (*client)->SendConnect({"[" + address + "]", address, 40000});
    if (answer) answer = (*client)->SendHelo("idle.example");
    if (!answer) return Fail(answer.error());
    clients_.push_back(std::move(*client));
  }
  return {};
}

}  // namespace mxward
