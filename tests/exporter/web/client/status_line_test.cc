#include "exporter/web/client/status_line.h"

#include <gtest/gtest.h>

#include <string>

namespace conntrack::exporter::web {
namespace {

TEST(ParseStatusLine, ReadsTheStatus) {
  EXPECT_EQ(ParseStatusLine("HTTP/1.1 200 OK"), 200);
  EXPECT_EQ(ParseStatusLine("HTTP/1.0 503 "), 503);
  EXPECT_EQ(ParseStatusLine("HTTP/1.1 404"), 404);
}

TEST(ParseStatusLine, NothingWhereItIsNone) {
  for (const auto* line :
       {"", "HTTP", "HTTP/1.", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/1.1 20",
        "HTTP/1.1 2000", "HTTP/1.1 099", "HTTP/1.1 2x0", "HTTP/1.1  200", "HTTP/2 200",
        "HTTP/x.1 200", "http/1.1 200", "SSH-2.0-OpenSSH_9.2p1", "\x15\x03\x01\x00\x02\x02"}) {
    EXPECT_EQ(ParseStatusLine(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
