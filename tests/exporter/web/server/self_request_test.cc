#include "exporter/web/server/self_request.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "exporter/web/server/tcp_sockets.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

using kernel::UniqueFd;
using testing::HasSubstr;
using Outcome = SelfRequest::Outcome;

UniqueFd Bound(std::uint32_t ip = INADDR_LOOPBACK) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketAddress address;
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(ip);
  EXPECT_EQ(bind(fd.get(), address.get(), sizeof four), 0);
  return fd;
}

UniqueFd Listening(std::uint32_t ip = INADDR_LOOPBACK) {
  UniqueFd fd = Bound(ip);
  EXPECT_EQ(listen(fd.get(), 1), 0);
  return fd;
}

// What comes of the request where a server sends this and closes.
SelfRequest AskWho(std::string_view answer, bool tls, std::uint32_t ip = INADDR_LOOPBACK) {
  const UniqueFd listener = Listening(ip);
  const std::jthread server([&] {
    const UniqueFd client(accept(listener.get(), nullptr, nullptr));
    std::array<char, 1024> request{};
    EXPECT_GT(recv(client.get(), request.data(), request.size(), 0), 0);
    send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  return AskItself(listener.get(), "/x", tls, std::chrono::minutes(1));
}

TEST(SelfRequest, AnyAnswerButA5xxIsOne) {
  EXPECT_EQ(AskWho("HTTP/1.1 200 OK\r\n\r\n", false).outcome, Outcome::kAnswered);
  EXPECT_EQ(AskWho("HTTP/1.1 404 Not Found\r\n\r\n", false).outcome, Outcome::kAnswered);
  const auto failed = AskWho("HTTP/1.1 500 Internal Server Error\r\n\r\n", false);
  EXPECT_EQ(failed.outcome, Outcome::kUnanswered);
  EXPECT_EQ(failed.reason, "HTTP/1.1 500 Internal Server Error");
}

TEST(SelfRequest, TheEndIsAnAnswerOnlyToPlainTextThatMeetsTls) {
  EXPECT_EQ(AskWho("", true).outcome, Outcome::kAnswered);
  EXPECT_EQ(AskWho("", false).outcome, Outcome::kUnanswered);
}

TEST(SelfRequest, EveryAddressIsReachedThroughLoopback) {
  const auto asked = AskWho("HTTP/1.1 200 OK\r\n\r\n", false, INADDR_ANY);
  EXPECT_EQ(asked.outcome, Outcome::kAnswered);
  EXPECT_THAT(asked.address, testing::StartsWith("127.0.0.1:"));
}

TEST(SelfRequest, WhoIsNotServedIsUnanswered) {
  const UniqueFd listener = Listening();
  const auto asked = AskItself(listener.get(), "/x", true, std::chrono::milliseconds(20));
  EXPECT_EQ(asked.outcome, Outcome::kUnanswered);
  EXPECT_EQ(asked.reason, "no answer within 20 ms");
}

TEST(SelfRequest, WhoCannotConnectKnowsNothing) {
  const UniqueFd bound = Bound();
  const auto asked = AskItself(bound.get(), "/x", false);
  EXPECT_EQ(asked.outcome, Outcome::kNotConnected);
  EXPECT_EQ(asked.reason, "Connection refused");
}

}  // namespace
}  // namespace conntrack::exporter::web
