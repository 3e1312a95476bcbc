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

TEST(Html, TextIsPrintable) {
  EXPECT_EQ(Html(std::string_view("a\0b\x1b[c\n\xff", 8)).markup(), "a\\x00b\\x1b[c\\x0a\\xff");
  EXPECT_EQ(Element("p", {{"title", "\xE2\x82"}}, "\u202e").markup(),
            "<p title=\"\\xe2\\x82\">\\xe2\\x80\\xae</p>");
}

TEST(Html, TheStyleSheetIsNotTouched) {
  EXPECT_EQ(Html::Style("a > b { content: \"&\"; }").markup(),
            "<style>a > b { content: \"&\"; }</style>\n");
}

}  // namespace
}  // namespace conntrack::exporter::status
