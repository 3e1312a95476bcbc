#include "exporter/web/style_policy.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;
using testing::Not;

// printf '' | openssl dgst -sha256 -binary | base64, and likewise for "abc".
TEST(StylePolicy, HasTheDigestOfTheSheet) {
  EXPECT_THAT(StylePolicy(""),
              HasSubstr("style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';"));
  EXPECT_THAT(StylePolicy("abc"),
              HasSubstr("style-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';"));
}

TEST(StylePolicy, AllowsNothingElse) {
  const auto policy = StylePolicy("abc");
  for (const auto* part :
       {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}) {
    EXPECT_THAT(policy, HasSubstr(part));
  }
  for (const auto* part : {"unsafe", "script-src", "http", "*", "'self'"}) {
    EXPECT_THAT(policy, Not(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
