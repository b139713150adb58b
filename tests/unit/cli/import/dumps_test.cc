// SPDX-License-Identifier: Apache-2.0
//
// What the tools of real databases wrote (tests/data/dumps/README.md).
#include <filesystem>
#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

const std::filesystem::path kDumps = std::string(MXWARD_SOURCE_DIR) + "/tests/data/dumps";

TEST_CASE("the dumps of real databases are imported", "[cli]") {
  int dumps = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kDumps)) {
    const std::string name = entry.path().filename();
    if (name == "README.md") continue;
    CAPTURE(name);
    ++dumps;
    const bool one_table = name.ends_with(".tsv");
    CommandFixture fixture;
    fixture.daemon.clock.Advance(std::chrono::hours(10));
    CHECK(fixture.Run({"import", "--format", "json", entry.path()}) == 0);
    CHECK(fixture.err.empty());
    const Json answer = ParseJson(fixture.out).value_or(Json());
    CHECK(answer["from"].text() == "sqlgrey");
    CHECK(answer["records"].integer() == (one_table ? 2 : 9));
    CHECK(answer["unreadable"].integer() == 0);
    CHECK(answer["added"].integer() == (one_table ? 2 : 8));
    CHECK(fixture.Run({"list", "--format", "json"}) == 0);
    CHECK_THAT(fixture.out, HasText("o'x;),(@example.org"));
  }
  CHECK(dumps == 24);
}

TEST_CASE("an SQLite database has to be a file", "[cli]") {
  const TempDir dir;
  CommandFixture fixture;
  std::ofstream(dir.File("cut"), std::ios::binary)
      << std::string("SQLite format 3\0", 16) << std::string(100, 'x');
  CHECK(fixture.Run({"import", dir.File("cut")}) == 2);
  CHECK_THAT(fixture.err, HasText("cut: "));
}

TEST_CASE("what is nothing of a greylister is refused with what was seen", "[cli]") {
  const TempDir dir;
  CommandFixture fixture;
  std::ofstream(dir.File("text")) << "hello\nworld\n";
  CHECK(fixture.Run({"import", dir.File("text")}) == 2);
  CHECK_THAT(fixture.err, HasText("2 lines were read, the first is \"hello\""));
  CHECK(fixture.Run({"import", "--from", "sqlgrey", dir.File("text")}) == 2);
  CHECK_THAT(fixture.err, HasText("nothing in it is known as sqlgrey's; 2 lines were read"));
  std::ofstream(dir.File("empty")) << "";
  CHECK(fixture.Run({"import", dir.File("empty")}) == 2);
  CHECK_THAT(fixture.err, HasText("it is empty"));
}

}  // namespace
}  // namespace mxward
