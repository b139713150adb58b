// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

void NoteState(const Json& status, Report& report) {
  if (status["version"].text() != MXWARD_VERSION) {
    report.Note("mxward " + status["version"].text() + " runs, mxwardctl is " MXWARD_VERSION,
                "An upgrade counts from the next start on.", {"systemctl restart mxward"});
  }
  if (status["mode"].text() == "observe") {
    report.Note("mode is \"observe\": nobody is deferred or rejected",
                "That is right while you find out what mxward would do.");
  }
  if (status["paused_until"].is_text()) {
    report.Note(
        "paused until " + status["paused_until"].text() + ": nobody is deferred or rejected",
        "The pause ends by itself.", {"mxwardctl pause --end"});
  }
}

}  // namespace

void CheckDaemon(const Site& site, Report& report) {
  if (site.running()) {
    NoteState(*site.status, report);
    return;
  }
  const Error& error = site.status.error();
  if (error.code == ErrorCode::kUnavailable) {
    report.Unchecked(error.message);
  } else if (error.code == ErrorCode::kNotFound) {
    report.Found("mxward does not run: " + error.message,
                 "Nobody is judged; what the mail server does without its filter, default_action "
                 "and F= decide.",
                 {"systemctl start mxward", "journalctl -u mxward -n 20"});
  } else {
    report.Found("mxward does not answer: " + error.message,
                 "A daemon that hangs judges nobody, and may hold up mail.",
                 {site.RestartCommand(), "journalctl -u mxward -n 20"});
  }
}

}  // namespace mxward::cli::doctor
