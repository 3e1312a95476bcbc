#include "exporter/process/printable_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

namespace conntrack::exporter {
namespace {

using namespace std::string_literals;

TEST(PrintableText, WhatIsPrintableStays) {
  for (const auto* text : {"", "plain", R"(a\x41 "b" <c> \)", "caf\u00e9 \u2192 \u65e5\u672c",
                           "\U0001f600", "\u00a0\u202f\u2065\u206a\ufeff\U0010ffff"}) {
    EXPECT_EQ(PrintableText(text), text);
  }
}

TEST(PrintableText, EachByteOfWhatIsNotUtf8IsEscaped) {
  EXPECT_EQ(PrintableText("a\xff\xfe"
                          "b"),
            R"(a\xff\xfeb)");
  EXPECT_EQ(PrintableText("\x80"), R"(\x80)");                          // continues nothing
  EXPECT_EQ(PrintableText("\xe2\x82"), R"(\xe2\x82)");                  // cut off
  EXPECT_EQ(PrintableText("\xe2\x28\xa1"), R"(\xe2(\xa1)");             // broken off
  EXPECT_EQ(PrintableText("\xc0\xaf"), R"(\xc0\xaf)");                  // overlong
  EXPECT_EQ(PrintableText("\xe0\x80\xaf"), R"(\xe0\x80\xaf)");          // likewise
  EXPECT_EQ(PrintableText("\xf0\x8f\xbf\xbf"), R"(\xf0\x8f\xbf\xbf)");  // likewise
  EXPECT_EQ(PrintableText("\xed\xa0\x80"), R"(\xed\xa0\x80)");          // a surrogate
  EXPECT_EQ(PrintableText("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");  // above U+10FFFF
  EXPECT_EQ(PrintableText("\xf8\x88\x80\x80\x80"), R"(\xf8\x88\x80\x80\x80)");
}

TEST(PrintableText, ControlCharactersAreEscaped) {
  EXPECT_EQ(PrintableText("\0\t\n\r\x1b[31m\x7f"s), R"(\x00\x09\x0a\x0d\x1b[31m\x7f)");
  EXPECT_EQ(PrintableText("\u0080\u009b\u009f"), R"(\xc2\x80\xc2\x9b\xc2\x9f)");
}

TEST(PrintableText, WhatTurnsTheDirectionOrBreaksALineIsEscaped) {
  EXPECT_EQ(PrintableText("\u2028\u2029\u202a\u202e"),
            R"(\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae)");
  EXPECT_EQ(PrintableText("\u2066\u2069"), R"(\xe2\x81\xa6\xe2\x81\xa9)");
}

TEST(PrintableText, ItsOwnResultStaysAsItIs) {
  const auto once = PrintableText("a\\\xff\n");
  EXPECT_EQ(once, R"(a\\xff\x0a)");
  EXPECT_EQ(PrintableText(once), once);
}

TEST(FirstBytes, CutsNoCharacter) {
  EXPECT_EQ(FirstBytes("abc", 3), "abc");
  EXPECT_EQ(FirstBytes("abc", 2), "ab");
  EXPECT_EQ(FirstBytes("a\u20ac", 4), "a\u20ac");
  for (const std::size_t most : {1U, 2U, 3U}) EXPECT_EQ(FirstBytes("a\u20acb", most), "a");
  EXPECT_EQ(FirstBytes("\u20ac", 2), "");
}

TEST(PrintableJson, StringsArePrintableWhereverTheyStand) {
  const nlohmann::ordered_json json = {{"b", "\x1b"}, {"a", {"\xff", {{"c", "\u202e"}}}}, {"n", 1}};
  EXPECT_EQ(PrintableJson(json), R"({"b":"\\x1b","a":["\\xff",{"c":"\\xe2\\x80\\xae"}],"n":1})");
  EXPECT_EQ(PrintableJson("\n", 2), R"("\\x0a")");
}

}  // namespace
}  // namespace conntrack::exporter
