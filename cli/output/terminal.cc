// SPDX-License-Identifier: Apache-2.0
#include "cli/output/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "cli/exit_status.h"

namespace mxward::cli {
namespace {

// Alternate screen, no cursor; and back.
constexpr std::string_view kEnter = "\033[?1049h\033[?25l";
constexpr std::string_view kLeave = "\033[?25h\033[?1049l";
constexpr std::array kEnds = {SIGINT, SIGTERM, SIGHUP};

// For signal handlers, which take no arguments.
termios saved;
bool keys_changed = false;
volatile sig_atomic_t resized = 0;

// async-signal-safe
bool WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// async-signal-safe
void GiveBack() {
  WriteAll(kLeave);
  if (keys_changed) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

extern "C" void EndAtOnce(int /*number*/) {
  GiveBack();
  _exit(kExitOk);
}

extern "C" void NoteResize(int /*number*/) { resized = 1; }

void Handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  for (const int end : kEnds) sigaddset(&action.sa_mask, end);
  sigaction(number, &action, nullptr);
}

// A resize is only heard of in Await(): elsewhere it would break off what is being waited for.
sigset_t BlockResize() {
  sigset_t resize;
  sigset_t before;
  sigemptyset(&resize);
  sigaddset(&resize, SIGWINCH);
  sigprocmask(SIG_BLOCK, &resize, &before);
  sigdelset(&before, SIGWINCH);
  return before;
}

}  // namespace

bool Terminal::Usable() {
  const char* kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

Terminal::Terminal() {
  BlockResize();
  keys_changed = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &saved) == 0;
  for (const int end : kEnds) Handle(end, &EndAtOnce);
  Handle(SIGWINCH, &NoteResize);
  if (keys_changed) {
    termios keys = saved;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    // Suspended, it would leave its screen behind.
    keys.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  WriteAll(kEnter);
}

Terminal::~Terminal() {
  GiveBack();
  for (const int end : kEnds) Handle(end, SIG_DFL);
}

Terminal::Size Terminal::size() const {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    return {};
  }
  return {size.ws_row, size.ws_col};
}

bool Terminal::Show(std::string_view text) {
  // Each line is written over the old one, so that nothing flickers; what is left of that goes
  // before, since behind a line as wide as the screen the cursor stands on its last character. No
  // line feed behind the last: at the bottom it would scroll.
  std::string frame = "\033[H";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) frame += "\r\n";
    const bool last = end + 1 >= text.size();
    frame.append(last ? "\033[J" : "\033[K").append(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return WriteAll(frame);
}

Terminal::Event Terminal::Await(Millis limit) {
  const sigset_t open = BlockResize();
  const timespec wait{limit.count() / 1000, limit.count() % 1000 * 1000000};
  pollfd keys{keys_changed ? STDIN_FILENO : -1, POLLIN, 0};
  const int ready = ppoll(&keys, 1, &wait, &open);
  if (resized != 0) {
    resized = 0;
    return Event::kResized;
  }
  if (ready <= 0) return Event::kTime;
  char key = 0;
  if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q') return Event::kQuit;
  return Event::kResized;  // nothing that it knows: goes on as it was
}

}  // namespace mxward::cli
