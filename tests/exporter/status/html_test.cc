#include "exporter/status/html.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::status {
namespace {

using testing::HasSubstr;

const std::string kHostile = "<script>alert('1')</script>&\"x\" onload=y";
constexpr const char* kHarmless =
    "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;x&quot; onload=y";

TEST(Html, ElementsNest) {
  const auto html =
      Element("ul", Element("b", "one") + " and " + Element("a", {{"href", "/"}}, "two"));
  EXPECT_EQ(html.markup(), "<ul><b>one</b> and <a href=\"/\">two</a></ul>");
}

TEST(Html, TextIsEscapedInWhateverWayItComes) {
  EXPECT_EQ(Html(kHostile).markup(), kHarmless);
  EXPECT_EQ(Element("p", kHostile).markup(), std::string("<p>") + kHarmless + "</p>");
  EXPECT_EQ(Element("p", {{"title", kHostile}}, {}).markup(),
            std::string("<p title=\"") + kHarmless + "\"></p>");
  EXPECT_EQ(("a" + Html(kHostile)).markup(), std::string("a") + kHarmless);
  EXPECT_THAT(Html::Document({}, kHostile), HasSubstr(kHarmless));
}

TEST(Html, MarkupIsEscapedOnceOnly) {
  EXPECT_EQ(Element("p", Element("b", "a & b")).markup(), "<p><b>a &amp; b</b></p>");
}

TEST(Html, ControlCharactersAreReplaced) {
  EXPECT_EQ(Html(std::string_view("a\0b\x1b[c\x7f", 7)).markup(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD[c\xEF\xBF\xBD");
  EXPECT_EQ(Html("a\tb\nc").markup(), "a\tb\nc");
}

// UTF-8 that is cut off swallows no quote or bracket of ours: a browser ends it there.
TEST(Html, WhatIsNotUtf8StaysAsItIs) {
  EXPECT_EQ(Element("p", {{"title", "\xE2\x82"}}, "\xff").markup(),
            "<p title=\"\xE2\x82\">\xff</p>");
}

TEST(Html, TheStyleSheetIsNotTouched) {
  EXPECT_EQ(Html::Style("a > b { content: \"&\"; }").markup(),
            "<style>a > b { content: \"&\"; }</style>\n");
}

}  // namespace
}  // namespace conntrack::exporter::status
