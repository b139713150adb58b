// SPDX-License-Identifier: Apache-2.0
#include "config/time_window.h"

#include <string>

#include "catch.h"

namespace mxward {
namespace {

TEST_CASE("times are read, and written in one form", "[config]") {
  std::string text, written;
  std::tie(text, written) = GENERATE(table<std::string, std::string>({
      {"mon-fri 08:00-18:00", "mon-fri 08:00-18:00"},

      {"sat,sun", "sat,sun"},
      {"SUN", "sun"},
      {"22:00-06:00", "22:00-06:00"},
      {"mon-sun", "mon-sun"},
      {"sat-mon 00:00-24:00", "mon,sat,sun"},
      {"tue-thu,sat  09:30-10:00", "tue-thu,sat 09:30-10:00"},
      {"mon-sun 10:00-11:00", "10:00-11:00"},
      {"18:00-00:00", "18:00-24:00"},
      {"", "! "},
      {"someday", "! "},
      {"8:00-18:00", "! "},
      {"08:00", "! "},
      {"08:00-08:00", "! "},
      {"24:00-08:00", "! "},
      {"08:60-09:00", "! "},
      {"08:00-25:00", "! "},
      {"mon 08:00-", "! "},
      {"mon-", "! "},
      {"mon,", "! "},
  }));
  INFO(text);
  const auto window = TimeWindow::Parse(text);
  CHECK((window ? window->ToString() : "! ") == written);
  if (window) CHECK(TimeWindow::Parse(window->ToString()) == *window);
}

TEST_CASE("a time contains its first minute and not its end", "[config]") {
  const auto contains = [](std::string_view window, int weekday, int hour, int minute) {
    return TimeWindow::Parse(window)->Contains({weekday, hour * 60 + minute});
  };
  CHECK(contains("mon-fri 08:00-18:00", 0, 8, 0));
  CHECK(contains("mon-fri 08:00-18:00", 4, 17, 59));
  CHECK_FALSE(contains("mon-fri 08:00-18:00", 4, 18, 0));
  CHECK_FALSE(contains("mon-fri 08:00-18:00", 5, 12, 0));
  CHECK(contains("sun", 6, 23, 59));
  CHECK(contains("fri 22:00-06:00", 4, 23, 0));
  CHECK(contains("fri 22:00-06:00", 5, 5, 59));
  CHECK_FALSE(contains("fri 22:00-06:00", 4, 5, 59));
  CHECK_FALSE(contains("fri 22:00-06:00", 5, 6, 0));
  CHECK(contains("sun 22:00-06:00", 0, 3, 0));
}

}  // namespace
}  // namespace mxward
