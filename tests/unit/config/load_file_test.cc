// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "config/control_socket.h"
#include "config/loader.h"

namespace mxward {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mxward-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }

 private:
  std::string path_;
};

std::string OnlyProblem(const std::string& path) {
  const LoadResult loaded = LoadConfigFile(path);
  REQUIRE_FALSE(loaded);
  REQUIRE(loaded.error().size() == 1);
  return loaded.error()[0].ToString();
}

TEST_CASE("a file is loaded, and its problems carry its name", "[config]") {
  const Folder folder;
  const LoadResult loaded = LoadConfigFile(folder.Write("good.toml", "mode = \"observe\"\n"));
  REQUIRE(loaded);
  CHECK(loaded->mode == Mode::kObserve);
  const std::string bad = folder.Write("bad.toml", "mode = 1\n");
  CHECK(OnlyProblem(bad) ==
        bad + ":1:8: mode: must be \"enforce\" or \"observe\"; found the integer 1");
}

TEST_CASE("a file that cannot be read says why", "[config]") {
  const Folder folder;
  CHECK(OnlyProblem(folder.Path("none")) ==
        folder.Path("none") + ": cannot be opened: No such file or directory");
  CHECK(OnlyProblem(folder.Path("")) == folder.Path("") + ": is a directory, not a file");
  const std::string pipe = folder.Path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(OnlyProblem(pipe) == pipe + ": is a pipe or a socket, not a file");
  if (geteuid() != 0) {
    const std::string secret = folder.Write("secret", "");
    REQUIRE(chmod(secret.c_str(), 0) == 0);
    CHECK(OnlyProblem(secret) == secret + ": cannot be opened: Permission denied");
  }
}

TEST_CASE("a file of a megabyte is the largest", "[config]") {
  const Folder folder;
  CHECK(LoadConfigFile(folder.Write("full", std::string(kMaxConfigFile - 1, '#') + "\n")));
  const std::string huge = folder.Write("huge", std::string(kMaxConfigFile + 1, '#'));
  CHECK(OnlyProblem(huge) == huge + ": is longer than 1M: this is not a configuration file");
}

TEST_CASE("/dev/null is an empty file", "[config]") {
  const LoadResult loaded = LoadConfigFile("/dev/null");
  REQUIRE(loaded);
  CHECK(*loaded == DefaultConfig());
}

TEST_CASE("where the daemon is to be asked is found in a file that is no configuration",
          "[config]") {
  const Folder folder;
  const auto socket = [&](const std::string& text) {
    return ConfiguredControlSocket(folder.Write("file.toml", text));
  };
  CHECK(socket("[control]\nsocket = \"/x/y\"\n").value() == "/x/y");
  CHECK(socket("control.socket = \"/x/y\"\n").value() == "/x/y");
  CHECK(socket("").value() == "/run/mxward/control.sock");
  // Mistakes elsewhere, and files that it names, do not matter.
  CHECK(socket("mode = 1\n[contrl]\n[control]\nsocket = \"/x/y\"\n"
               "[[rule]]\nsender = [\"file:/none\"]\n")
            .value() == "/x/y");
  CHECK(socket("mode = ?\n[control]\nsocket = \"/x/y\"\n").value() == "/x/y");
  CHECK(socket("[control]\nsocket = 7\n").value() == "/run/mxward/control.sock");
  CHECK(socket("control = 7\n").value() == "/run/mxward/control.sock");
}

TEST_CASE("a file that does not tell where the daemon is says why", "[config]") {
  const Folder folder;
  CHECK(ConfiguredControlSocket(folder.Path("none")).error().message ==
        folder.Path("none") + ": cannot be opened: No such file or directory");
  const std::string path = folder.Write("bad.toml", "[control\nsocket = \"/x/y\"\n");
  CHECK_THAT(ConfiguredControlSocket(path).error().message,
             Catch::Matchers::StartsWith(path + ":1:9: invalid TOML"));
}

}  // namespace
}  // namespace mxward
