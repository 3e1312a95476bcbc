#include "exporter/web/client/http_probe.h"

#include <gmock/gmock.h>

#include <array>
#include <string>

#include "tests/support/tcp_server.h"

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;

std::string Read(std::string_view text) {
  const auto url = ParseHttpUrl(text);
  return url ? ToString(*url) : "refused: " + url.error().message;
}

std::string HealthOf(std::string_view listen_address) {
  const auto url = HealthUrlOf(listen_address);
  return url ? ToString(*url) : "refused: " + url.error().message;
}

TEST(ParseHttpUrl, ReadsHostPortAndPath) {
  EXPECT_EQ(Read("http://127.0.0.1:10318/-/ready"), "http://127.0.0.1:10318/-/ready");
  EXPECT_EQ(Read("HTTP://localhost:1/a?b=c/d:e"), "http://localhost:1/a?b=c/d:e");
  EXPECT_EQ(Read("http://[::1]:10318/x"), "http://[::1]:10318/x");
  EXPECT_EQ(Read("http://host?a"), "http://host:80/?a");
}

TEST(ParseHttpUrl, PortAndPathHaveDefaults) {
  EXPECT_EQ(Read("http://localhost"), "http://localhost:80/-/healthy");
  EXPECT_EQ(Read("http://[2001:db8::1]"), "http://[2001:db8::1]:80/-/healthy");
  EXPECT_EQ(Read("http://localhost:10318"), "http://localhost:10318/-/healthy");
  EXPECT_EQ(Read("http://localhost:10318/"), "http://localhost:10318/");
}

TEST(ParseHttpUrl, RefusesWhatItCannotAsk) {
  for (const auto* text : {"",
                           "localhost",
                           "127.0.0.1:10318",
                           "://",
                           "http:",
                           "http://",
                           "http:///x",
                           "http://:80",
                           "http://host:",
                           "http://host:0",
                           "http://host:65536",
                           "http://host:x",
                           "http://::1",
                           "http://[::1",
                           "http://[x]",
                           "http://1.2.3",
                           "ftp://host",
                           "unix:///run/x",
                           "http://a b/",
                           "http://host/\r\nX: y",
                           "http://host/#x",
                           "http://h\x80st/"}) {
    EXPECT_THAT(Read(text), HasSubstr("refused")) << text;
  }
}

TEST(ParseHttpUrl, HttpsIsTlsAndHasItsOwnPort) {
  EXPECT_EQ(Read("https://localhost:10318/x"), "https://localhost:10318/x");
  EXPECT_EQ(Read("HTTPS://[::1]"), "https://[::1]:443/-/healthy");
  EXPECT_TRUE(ParseHttpUrl("https://localhost")->tls);
  EXPECT_FALSE(ParseHttpUrl("http://localhost")->tls);
}

TEST(ParseHttpUrl, RefusesUsers) {
  const auto url = ParseHttpUrl("http://user:secret@localhost/");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().remedy, HasSubstr("401"));
}

TEST(HealthUrlOf, WildcardsBecomeLoopback) {
  EXPECT_EQ(HealthOf(":10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("0.0.0.0:10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("[::]:10318"), "http://[::1]:10318/-/healthy");
}

TEST(HealthUrlOf, KeepsAddressesAndNames) {
  EXPECT_EQ(HealthOf("10.0.0.1:1"), "http://10.0.0.1:1/-/healthy");
  EXPECT_EQ(HealthOf("[2001:db8::1]:1"), "http://[2001:db8::1]:1/-/healthy");
  EXPECT_EQ(HealthOf("localhost:1"), "http://localhost:1/-/healthy");
}

TEST(HealthUrlOf, RefusesAPortThatNobodyKnows) {
  EXPECT_THAT(HealthOf(":0"), HasSubstr("refused"));
  EXPECT_THAT(HealthOf("nonsense:nonsense"), HasSubstr("refused"));
}

using namespace std::chrono_literals;
using conntrack::test::TcpServer;

constexpr auto kPatience = 60s;  // never waited for
constexpr auto kShort = 100ms;

std::string ReadRequest(int socket) {
  std::string request;
  std::array<char, 256> buffer{};
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto received = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (received <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(received));
  }
  return request;
}

void Say(int socket, std::string_view text) {
  ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}

TcpServer::Serve Answers(std::string text) {
  return [text = std::move(text)](int socket) {
    static_cast<void>(ReadRequest(socket));
    Say(socket, text);
  };
}

// Keeps the connection open until the client has had enough.
void WaitForTheEnd(int socket) {
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) continue;
}

Result<int> Ask(std::uint16_t port, std::chrono::milliseconds time = kPatience) {
  return HttpGetStatus({"127.0.0.1", port, false, "/-/healthy"},
                       std::chrono::steady_clock::now() + time);
}

bool Waited(const Error& error) {
  return error.message.find("waiting for the answer") != std::string::npos;
}

TEST(HttpGetStatus, YieldsTheStatusWhateverItIs) {
  for (const int status : {200, 302, 401, 500, 503}) {
    const TcpServer server(Answers("HTTP/1.1 " + std::to_string(status) + " X\r\n\r\n"));
    EXPECT_EQ(Ask(server.port()), status);
  }
}

TEST(HttpGetStatus, AsksForThePathAndNamesTheHost) {
  std::string request;
  {
    const TcpServer server([&request](int socket) {
      request = ReadRequest(socket);
      Say(socket, "HTTP/1.1 200 OK\r\n\r\n");
    });
    ASSERT_EQ(Ask(server.port()), 200);
    EXPECT_THAT(request,
                HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  }
  EXPECT_THAT(request, testing::StartsWith("GET /-/healthy HTTP/1.1\r\n"));
}

TEST(HttpGetStatus, DoesNotWaitForMoreThanTheStatusLine) {
  const TcpServer server([](int socket) {
    Say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n");
    WaitForTheEnd(socket);
  });
  EXPECT_EQ(Ask(server.port()), 200);
}

TEST(HttpGetStatus, ReadsAStatusLineThatComesInPieces) {
  const TcpServer server([](int socket) {
    static_cast<void>(ReadRequest(socket));  // a socket closed with bytes unread is reset
    for (const char c : std::string_view("HTTP/1.1 200 OK\r\n\r\n")) Say(socket, {&c, 1});
  });
  EXPECT_EQ(Ask(server.port()), 200);
}

TEST(HttpGetStatus, GivesUpOnASilentServer) {
  const TcpServer listens_only;
  auto status = Ask(listens_only.port(), kShort);
  // On a busy machine the time may be up before it has asked.
  for (auto time = 2 * kShort; time < kPatience && !status && !Waited(status.error()); time *= 2) {
    status = Ask(listens_only.port(), time);
  }
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kTimeout);
  EXPECT_THAT(status.error().message, HasSubstr("waiting for the answer"));
}

TEST(HttpGetStatus, GivesUpOnAServerThatDripsForever) {
  const TcpServer server([](int socket) {
    while (::send(socket, "H", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(kShort / 2);
  });
  const auto status = Ask(server.port(), kShort);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kTimeout);
}

TEST(HttpGetStatus, NobodyListensIsAnErrorWithItsErrno) {
  std::uint16_t port = 0;
  {
    const TcpServer gone;
    port = gone.port();
  }
  const auto status = Ask(port);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ECONNREFUSED);
  EXPECT_THAT(status.error().message, HasSubstr("Connection refused"));
}

TEST(HttpGetStatus, WhatIsNoHttpIsShownAndMadeFitToBeShown) {
  const TcpServer server(Answers("\x1b[31mSSH-2.0\r\n"));
  const auto status = Ask(server.port());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(status.error().message, HasSubstr("not HTTP: \"?[31mSSH-2.0\""));
}

TEST(HttpGetStatus, ALineWithoutEndIsRefusedNotCollected) {
  const TcpServer server([](int socket) {
    const std::string much(65'536, 'x');
    while (::send(socket, much.data(), much.size(), MSG_NOSIGNAL) > 0) continue;
  });
  const auto status = Ask(server.port());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kMalformed);
}

TEST(HttpGetStatus, ACloseWithoutAnAnswerIsSaidAsSuch) {
  const TcpServer server(Answers(""));
  const auto status = Ask(server.port());
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("closed without an answer"));
}

TEST(HttpGetStatus, NamesAreLookedUp) {
  const TcpServer server(Answers("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_EQ(HttpGetStatus({"localhost", server.port(), false, "/"},
                          std::chrono::steady_clock::now() + kPatience),
            200);
}

TEST(HttpGetStatus, TimeThatIsUpAlreadyIsATimeout) {
  const TcpServer listens_only;
  const auto status = Ask(listens_only.port(), 0ms);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kTimeout);
}

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
