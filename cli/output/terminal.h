// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace mxward::cli {

// The terminal as a whole, for a screen that changes: the alternate screen without a cursor, and
// keys that come at once and unseen. It is given back as it was when the object goes away, and also
// when SIGINT, SIGTERM or SIGHUP end the program, which they do at once, with status 0. One at a
// time, used by the main thread.
class Terminal {
 public:
  // Whether the standard output is one that knows escape sequences.
  static bool Usable();

  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;
  };
  Size size() const;

  // Shows the text from the top left corner; lines end with '\n'. REQUIRES: it fits. False when it
  // could not be written.
  bool Show(std::string_view text);

  enum class Event : std::uint8_t {
    kTime,     // nothing happened for so long
    kQuit,     // q, or there is nobody any more to press it
    kResized,  // there is another size now
  };
  Event Await(Millis limit);
};

}  // namespace mxward::cli
