#include "exporter/web/server/http_message.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

TEST(HttpRequest, FindsTheFirstHeaderInAnyCaseOfLetters) {
  HttpRequest request;
  request.headers = {{"Accept-Encoding", "gzip"}, {"X-Two", "1"}, {"x-two", "2"}};
  EXPECT_EQ(request.Header("accept-ENCODING"), "gzip");
  EXPECT_EQ(request.Header("X-TWO"), "1");
  EXPECT_EQ(request.Header("Accept"), std::nullopt);
}

TEST(SameWord, ComparesOnlyLettersWithoutCase) {
  EXPECT_TRUE(SameWord("GZip", "gzIP"));
  EXPECT_FALSE(SameWord("gzip", "gzip "));
  EXPECT_FALSE(SameWord("[", "{"));  // 0x20 apart, as letters are
}

TEST(Trimmed, TakesBlanksOffBothEnds) {
  EXPECT_EQ(Trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(Trimmed(" \t"), "");
}

TEST(PlainText, IsUtf8Text) {
  const HttpResponse response = PlainText(404, "no\n");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(response.body, "no\n");
}

}  // namespace
}  // namespace conntrack::exporter::web
