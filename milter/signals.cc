// SPDX-License-Identifier: Apache-2.0
#include "milter/signals.h"

#include <semaphore.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace mxward::signals {
namespace {

constexpr std::array kOurs = {SIGHUP, SIGTERM, SIGINT, SIGUSR1};

// Of what a handler may use there is not much more than sem_post() (POSIX.1 2.4.3).
struct Semaphore {
  Semaphore() { sem_init(&semaphore, 0, 0); }
  // From a handler, too.
  void Post() {
    const int before = errno;
    sem_post(&semaphore);
    errno = before;
  }
  void Wait() {
    while (sem_wait(&semaphore) != 0) {
    }
  }
  // Takes what has been posted meanwhile.
  void Clear() {
    while (sem_trywait(&semaphore) == 0) {
    }
  }
  sem_t semaphore{};
};

Semaphore ends;
Semaphore reloads;
std::atomic<bool> asked_to_end{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void OnSignal(int number) {
  if (number == SIGHUP || number == SIGUSR1) return reloads.Post();
  asked_to_end.store(true);
  ends.Post();
}

sigset_t OurSet() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kOurs) sigaddset(&set, number);
  return set;
}

}  // namespace

void Block() {
  const sigset_t set = OurSet();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void Take() {
  struct sigaction action {};
  action.sa_handler = &OnSignal;
  // Not even while it handles one may it block the next: that would be libmilter's.
  action.sa_flags = SA_RESTART | SA_NODEFER;
  for (const int number : kOurs) sigaction(number, &action, nullptr);
  const sigset_t set = OurSet();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void WaitForEnd() { ends.Wait(); }

bool WasAskedToEnd() { return asked_to_end.load(); }

void End() { ends.Post(); }

void WaitForReload() {
  reloads.Wait();
  reloads.Clear();
}

}  // namespace mxward::signals
