// SPDX-License-Identifier: Apache-2.0
#include "milter/store_guard.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <thread>
#include <utility>

#include "engine/record_check.h"
#include "milter/store_child.h"
#include "store/page_walk.h"
#include "store/set_aside.h"

namespace mxward {
namespace {

using store::RecordReader;
using store::Table;

// A database of this size is looked through in a tenth of a second.
constexpr std::uint64_t kAlwaysChecked = 64ULL << 20;
constexpr Seconds kEarly{60};
constexpr Seconds kGrace{5};  // for a child that its own limit should have ended
constexpr int kCrashesToReplace = 2;
constexpr int kCrashesToForget = 3;
constexpr std::size_t kRescuedAtOnce = 1000;

int mark_of_crash = -1;

// Sanitizers have handlers of their own for these signals, and keep them.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void NoteCrash(int number) {
  const char crashed = 'c';
  if (pwrite(mark_of_crash, &crashed, 1, store::RunMark::kCrashOffset) != 1) errno = 0;
  // By now the default again: the process ends of it.
  raise(number);
}
#endif

void WatchForCrashes(int mark) {
  mark_of_crash = mark;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct sigaction action = {};
  action.sa_handler = NoteCrash;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) {
    sigaction(number, &action, nullptr);
  }
#endif
}

}  // namespace

Result<std::unique_ptr<store::Environment>> StoreGuard::Start(store::Environment::Options options,
                                                              Millis patience) {
  auto environment = store::Environment::Prepare(std::move(options));
  if (!environment) return environment;
  environment_ = environment->get();
  auto mark = store::RunMark::Set(environment_->path(), &before_);
  if (mark) {
    mark_.emplace(*std::move(mark));
    WatchForCrashes(mark_->fd());
  } else {
    // On a full disk mail is judged all the same.
    log_.Warning(mark.error().message);
  }
  Note([](metrics::StoreCheck& status) { status.checking = true; });
  std::thread([this] { Run(); }).detach();
  const MutexLock lock(mutex_);
  if (!changed_.WaitFor(mutex_, patience,
                        [this]() MXWARD_REQUIRES(mutex_) { return outcome_.has_value(); })) {
    late_ = true;
    log_.Warning(
        "the database is still being checked: until that is done mail is judged by rules, limits "
        "and lists, and nothing is greylisted");
  } else if (!*outcome_) {
    return Fail(outcome_->error());
  }
  return environment;
}

void StoreGuard::OnReady(std::function<void()> ready) {
  MutexLock lock(mutex_);
  if (!late_) return;
  if (!outcome_) {
    on_ready_ = std::move(ready);
  } else if (*outcome_) {
    lock.Unlock();
    ready();
  }
}

metrics::StoreCheck StoreGuard::status() {
  const MutexLock lock(mutex_);
  return status_;
}

void StoreGuard::Note(const std::function<void(metrics::StoreCheck&)>& change) {
  const MutexLock lock(mutex_);
  change(status_);
}

void StoreGuard::Stop(bool flushed) {
  const MutexLock lock(mutex_);
  stopped_ = true;
  changed_.NotifyAll();
  // What was not checked to its end is checked at the next start.
  const bool checked = outcome_ && (*outcome_ || !late_);
  if (mark_ && flushed && checked) mark_->Remove();
}

void StoreGuard::Run() {
  Result<void> outcome;
  try {
    outcome = Admit();
  } catch (const std::exception& error) {
    outcome = Fail(ErrorCode::kInternal, std::string("the database: ") + error.what());
  }
  std::function<void()> ready;
  {
    const MutexLock lock(mutex_);
    outcome_ = outcome;
    status_.checking = false;
    if (!outcome) status_.trouble = outcome.error().message;
    ready = std::exchange(on_ready_, nullptr);
    if (late_ && outcome) log_.Info("the database has been checked; greylisting resumes");
    if (late_ && !outcome) {
      log_.Error(outcome.error().message +
                 "; nothing is greylisted: see DAMAGED DATABASES in mxward(8)");
    }
    changed_.NotifyAll();
  }
  if (outcome && ready) ready();
  const MutexLock lock(mutex_);
  if (changed_.WaitFor(mutex_, kEarly, [this]() MXWARD_REQUIRES(mutex_) { return stopped_; })) {
    return;
  }
  if (mark_) mark_->Settle();
}

// Whether the database in the file is mxward's; any other is left alone.
bool StoreGuard::IsOurs(const std::string& data) {
  return environment_->saved() != nullptr || store::ReadDescription(data, "program") == "mxward";
}

// What was found.
std::string StoreGuard::Check(bool* damaged) {
  StoreChild child("--check-store", environment_->path());
  std::string said = child.ReadAll(clock_.Monotonic() + kCheckLimit + kGrace, clock_);
  switch (child.Wait()) {
    case StoreChild::End::kFine:
      log_.Info("the database is sound: " + said);
      return said;
    case StoreChild::End::kDamaged:
      *damaged = true;
      return said;
    case StoreChild::End::kCrashed:
      *damaged = true;
      return "its check has crashed";
    case StoreChild::End::kTimeOver:
      Note([](auto& status) { status.trouble = "its check took too long; it is used as it is"; });
      log_.Warning("the check of the database did not finish within " +
                   std::to_string(kCheckLimit.count()) +
                   " s and found no damage until then; the database is used as it is");
      return said;
    case StoreChild::End::kFailed:
      Note(
          [](auto& status) { status.trouble = "its check could not be run; it is used as it is"; });
      log_.Warning("the check of the database could not be run; the database is used as it is");
      return said;
  }
  return said;
}

Result<void> StoreGuard::Admit() {
  const std::string data = environment_->path() + "/data.mdb";
  struct stat info;
  const bool fresh = stat(data.c_str(), &info) != 0 || info.st_size == 0;
  if (!fresh && before_.unclean) {
    log_.Warning("mxward was not shut down cleanly: the database is checked");
  }
  const int crashes = before_.crashes;
  if (!fresh && (crashes == kCrashesToReplace || crashes == kCrashesToForget) && IsOurs(data)) {
    MXWARD_TRY(Replace("mxward crashed " + std::to_string(crashes) +
                           " times in a row within a minute of its start",
                       /*rescue=*/crashes < kCrashesToForget));
  } else if (auto opened = Open(data); !opened) {
    return opened;
  }
  environment_->Admit();
  return {};
}

Result<void> StoreGuard::Open(const std::string& data) {
  struct stat info;
  if (stat(data.c_str(), &info) != 0 || info.st_size == 0) return environment_->Begin();
  const auto head = store::ReadHead(data);
  bool damaged = !head && head.error().code == ErrorCode::kCorrupt;
  std::string found = damaged ? head.error().message : "";
  if (head && (before_.unclean || head->used_bytes <= kAlwaysChecked ||
               head->used_bytes > head->file_bytes)) {
    found = Check(&damaged);
  }
  if (!damaged) {
    auto begun = environment_->Begin();
    if (begun || begun.error().code != ErrorCode::kCorrupt) return begun;
    if (!IsOurs(data)) return begun;
    found = begun.error().message;
  } else if (!IsOurs(data)) {
    return Fail(ErrorCode::kCorrupt, data + ": not a database of mxward (" + found +
                                         "); move it away or set store.path");
  }
  return Replace(found, /*rescue=*/true);
}

Result<void> StoreGuard::Replace(const std::string& why, bool rescue) {
  const auto aside = store::SetAside(environment_->path(), clock_.Now());
  if (!aside) return Fail(aside.error());
  log_.Error("the database is considered damaged (" + why + "): it was set aside as " + *aside +
             ", and a new one was created");
  Note([&](auto& status) {
    status.damage = why;
    status.aside = *aside;
  });
  MXWARD_TRY(environment_->Begin());
  // Without its key nobody finds a record.
  if (rescue && environment_->hash_key_known()) {
    Rescue(*aside);
  } else {
    log_.Warning("only the hash key and the entries of the old database were kept");
  }
  return {};
}

void StoreGuard::Rescue(const std::string& file) {
  StoreChild child("--rescue-store", file);
  RecordReader reader(child.output());
  std::vector<RecordReader::Record> batch;
  std::uint64_t rescued = 0;
  Result<void> filled;
  const auto write = [&]() -> Result<void> {
    return environment_->Fill([&](store::WriteTransaction& transaction) -> Result<void> {
      for (const auto& [table, key, value] : batch) {
        MXWARD_TRY(const auto stored, transaction.Get(table, key));
        if (stored && !Replaces(table, key, *stored, value)) continue;
        MXWARD_TRY(transaction.Put(table, key, value));
      }
      return {};
    });
  };
  for (bool more = child.started(); more && filled;) {
    auto record = reader.Next();
    more = record.has_value();
    if (record) batch.push_back(*std::move(record));
    if (batch.size() < kRescuedAtOnce && more) continue;
    filled = write();
    if (filled) rescued += batch.size();
    batch.clear();
    Note([&](auto& status) { status.rescued = rescued; });
  }
  const bool all = reader.complete() && filled;
  Note([&](auto& status) { status.rescued_all = all; });
  log_.Warning(std::to_string(rescued) + " records of the old database were recovered, " +
               (all ? "all that could be read" : "not all that could be read") +
               (filled ? "" : ": " + filled.error().message));
}

}  // namespace mxward
