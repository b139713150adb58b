// SPDX-License-Identifier: Apache-2.0
#include "control/json.h"

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("JSON is written with its members in order", "[control]") {
  Json json;
  json.Set("b", 1).Set("a", true).Set("none", Json()).Set("text", "x");
  json.Set("list", Json::Array().Push(-5).Push("y")).Set("empty", Json::Object());
  CHECK(json.Dump() == R"({"b":1,"a":true,"none":null,"text":"x","list":[-5,"y"],"empty":{}})");
}

TEST_CASE("indented JSON keeps empty arrays and objects on one line", "[control]") {
  Json json;
  json.Set("a", Json::Array()).Set("b", Json::Array().Push(1));
  CHECK(json.DumpIndented() == "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}");
}

TEST_CASE("strings of any bytes become valid JSON that reads back", "[control]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const std::string text = Json(bytes).Dump();
  const auto parsed = ParseJson(text);
  REQUIRE(parsed);
  // Each byte above 0x7f, no UTF-8 alone, is read back as the character of that number.
  CHECK(parsed->text().size() == 128 + 2 * 128);
  CHECK(parsed->text().substr(0, 128) == bytes.substr(0, 128));
  CHECK(parsed->text().substr(128, 2) == "\xc2\x80");
  CHECK(Json("gr\xc3\xbc\xc3\x9f").Dump() == "\"gr\xc3\xbc\xc3\x9f\"");
}

TEST_CASE("JSON of every type is parsed", "[control]") {
  const auto json = ParseJson(R"( {"a": [1, -2, 1.5, true, null, "x\n"], "b": {"c": {}}} )");
  REQUIRE(json);
  const auto& items = (*json)["a"].items();
  REQUIRE(items.size() == 6);
  CHECK(items[1].integer() == -2);
  CHECK(items[2].integer() == 1);
  CHECK(items[3].boolean());
  CHECK(items[4].is_null());
  CHECK(items[5].text() == "x\n");
  CHECK((*json)["b"]["c"].is_object());
  CHECK((*json)["absent"]["too"].is_null());
}

TEST_CASE("numbers beyond 64 bits do not overflow", "[control]") {
  CHECK(ParseJson("18446744073709551615")->integer() == 0);
  CHECK(ParseJson("1e300")->integer() == 0);
  CHECK(ParseJson("9223372036854775807")->integer() == 9223372036854775807);
}

TEST_CASE("what is no JSON is refused", "[control]") {
  for (const char* text : {"", "{", "{\"a\":1,}", "[1] x", "nul", "\"\xff\"", "{'a':1}", "NaN"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseJson(text));
  }
  CHECK_FALSE(ParseJson(std::string(100000, '[')));
  CHECK(ParseJson(std::string(32, '[') + std::string(32, ']')));
}

}  // namespace
}  // namespace mxward
