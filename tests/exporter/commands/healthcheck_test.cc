#include "exporter/commands/commands.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/tcp_server.h"

namespace conntrack::exporter {
namespace {

using test::TcpServer;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Outcome {
  int code = -1;
  std::string out, err;
};

Outcome Ask(const Options& options) {
  std::ostringstream out, err;
  Outcome checked;
  checked.code = Healthcheck(options, out, err);
  checked.out = out.str();
  checked.err = err.str();
  return checked;
}

Outcome AnsweredWith(const std::string& status) {
  const TcpServer server([&status](int socket) {
    const auto answer = "HTTP/1.1 " + status + "\r\n\r\n";
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  Options options;
  options.listen_addresses = {":" + std::to_string(server.port())};
  options.healthcheck.timeout = 60;
  return Ask(options);
}

TEST(Healthcheck, HealthyIsZeroAndSaysWhoWasAsked) {
  const auto checked = AnsweredWith("200 OK");
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.out, StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(checked.out, HasSubstr("/-/healthy: healthy\n"));
  EXPECT_THAT(checked.err, IsEmpty());
}

TEST(Healthcheck, WantingToKnowWhoAsksIsHealthy) {
  const auto checked = AnsweredWith("401 Unauthorized");
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.out, HasSubstr("401"));
}

TEST(Healthcheck, AnyOtherAnswerIsOneWithReasonAndRemedy) {
  for (const auto* status : {"500 X", "503 X", "404 X", "302 X", "403 X"}) {
    const auto checked = AnsweredWith(status);
    EXPECT_EQ(checked.code, 1) << status;
    EXPECT_THAT(checked.out, IsEmpty()) << status;
    EXPECT_THAT(checked.err, HasSubstr(": answered " + std::string(status, 3) + "\nremedy: "));
  }
}

TEST(Healthcheck, SilenceIsOneAndNamesTheTimeout) {
  const TcpServer listens_only;
  Options options;
  options.healthcheck = {"http://127.0.0.1:" + std::to_string(listens_only.port()), 0.05};
  const auto checked = Ask(options);
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.err, HasSubstr("--timeout"));
}

TEST(Healthcheck, NobodyToAskIsAWrongCommandLine) {
  Options options;
  options.listen_addresses = {":0"};
  EXPECT_EQ(Ask(options).code, 2);
  EXPECT_THAT(Ask(options).err, HasSubstr("--url"));
  options.healthcheck.url = "ftp://127.0.0.1/";
  EXPECT_EQ(Ask(options).code, 2);
}

}  // namespace
}  // namespace conntrack::exporter
