// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mxward::signals {

// What the process does at a signal: SIGTERM and SIGINT end it, SIGHUP and SIGUSR1 have the
// configuration read again. Until Take() all four stay blocked, and wait.
//
// libmilter has a thread of its own that waits for HUP, TERM and INT, and ends the filter at each;
// it can be neither kept from that nor asked. The kernel gives a process's signal to its first
// thread where that has it unblocked, and to another that waits for it only otherwise. So the first
// thread has a handler, which does nothing but count, and never blocks them again: no signal, and
// no thousand of them, reaches libmilter.

// Before any thread exists: threads inherit it.
void Block();
// REQUIRES: called by the first thread. It takes the signals from here on.
void Take();

// Waits for SIGTERM, SIGINT or End().
void WaitForEnd();
// Whether it was a signal that ended the wait.
bool WasAskedToEnd();
// As if one had come. Thread-safe.
void End();

// Waits for SIGHUP or SIGUSR1. However many have come by then, they are one. One thread.
void WaitForReload();

}  // namespace mxward::signals
