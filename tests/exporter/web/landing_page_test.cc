#include "exporter/web/landing_page.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LandingPage, NamesTheProgramAndLinksToWhatThereIs) {
  const HttpResponse page =
      MakeLandingPage({"Conntrack Exporter", "0.1.0", "Watches the table.", "/metrics"});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  for (const auto* part : {"Conntrack Exporter", "0.1.0", "Watches the table.", "href=\"/metrics\"",
                           "href=\"/-/healthy\"", "href=\"/-/ready\""}) {
    EXPECT_THAT(page.body, HasSubstr(part));
  }
}

TEST(LandingPage, EscapesItsTexts) {
  const HttpResponse page =
      MakeLandingPage({"<script>", "a&b", "\"quoted\" 'single'", "/m\"onclick=\"x"});
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page.body, HasSubstr("a&amp;b"));
  EXPECT_THAT(page.body, HasSubstr("&quot;quoted&quot; &#39;single&#39;"));
  EXPECT_THAT(page.body, HasSubstr("href=\"/m&quot;onclick=&quot;x\""));
}

TEST(LandingPage, NeedsNothingFromElsewhere) {
  const HttpResponse page = MakeLandingPage({"a", "b", "c", "/metrics"});
  for (const auto* part : {"http:", "https:", "//", "<script", "<link", "<img", "url("}) {
    EXPECT_THAT(page.body, Not(HasSubstr(part))) << part;
  }
  EXPECT_THAT(page.body, HasSubstr("color-scheme:light dark"));
  ASSERT_EQ(page.headers.size(), 1u);
  EXPECT_THAT(page.headers[0].value, HasSubstr("default-src 'none'"));
}

}  // namespace
}  // namespace conntrack::exporter::web
