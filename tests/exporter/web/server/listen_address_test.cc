#include "exporter/web/server/listen_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;

ListenAddress Parsed(std::string_view text) { return ParseListenAddress(text).value(); }

TEST(ListenAddress, PortAloneMeansEveryAddress) {
  EXPECT_EQ(Parsed(":10318"), (ListenAddress{":10318", "", 10318, false}));
  EXPECT_EQ(Parsed("10318"), (ListenAddress{"10318", "", 10318, false}));
}

TEST(ListenAddress, Ipv4NameAndIpv6) {
  EXPECT_EQ(Parsed("10.0.0.1:80"), (ListenAddress{"10.0.0.1:80", "10.0.0.1", 80, false}));
  EXPECT_EQ(Parsed("localhost:0"), (ListenAddress{"localhost:0", "localhost", 0, false}));
  EXPECT_EQ(Parsed("[::1]:65535"), (ListenAddress{"[::1]:65535", "::1", 65535, true}));
}

TEST(ListenAddress, LinkLocalWithItsInterface) {
  EXPECT_EQ(Parsed("[fe80::1%eth0.7]:80"),
            (ListenAddress{"[fe80::1%eth0.7]:80", "fe80::1%eth0.7", 80, true}));
}

TEST(ListenAddress, LeadingZerosAreDecimal) { EXPECT_EQ(Parsed(":010318").port, 10318); }

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const auto* text : {"",
                           ":",
                           "abc",
                           "1.2.3.4",
                           "1.2.3.4:",
                           ":65536",
                           ":-1",
                           ":+1",
                           ": 80",
                           ":80 ",
                           "80s",
                           ":0x50",
                           "1.2.3.256:80",
                           "1.2.3:80",
                           "1.2.3.4.5:80",
                           "::1:80",
                           "::1",
                           "[::1]",
                           "[::1]80",
                           "[::1]:",
                           "[]:80",
                           "[1.2.3.4]:80",
                           "[::1:80",
                           "[::g]:80",
                           "[fe80::1%]:80",
                           "[fe80::1%a,b]:80",
                           "[fe80::1%eth0%eth1]:80",
                           "[fe80::1%sixteen-letters0]:80",
                           "[%eth0]:80",
                           "a b:80",
                           "a,b:80",
                           "http://x:80",
                           "host/path:80",
                           "\xc3\xa9:80"}) {
    const auto parsed = ParseListenAddress(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
    EXPECT_THAT(parsed.error().remedy, HasSubstr(":10318"));
  }
}

TEST(ListenAddress, ErrorQuotesTheText) {
  EXPECT_EQ(ParseListenAddress("::1:80").error().message,
            "listen address \"::1:80\": an IPv6 address goes in brackets");
}

TEST(ListenAddress, FormatsWithBracketsForIpv6) {
  EXPECT_EQ(FormatAddress("0.0.0.0", 80, false), "0.0.0.0:80");
  EXPECT_EQ(FormatAddress("::1", 80, true), "[::1]:80");
}

// A port of 127.0.0.1 that somebody listens on for as long as this lives.
class TakenPort {
 public:
  TakenPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_.get(), generic, size), 0);
    EXPECT_EQ(listen(fd_.get(), 1), 0);
    EXPECT_EQ(getsockname(fd_.get(), generic, &size), 0);
    text_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  kernel::UniqueFd fd_;
  std::string text_;
};

Result<std::vector<ListenAddress>> Check(const std::vector<std::string>& texts,
                                         Ipv6 ipv6 = Ipv6::kNotInCivetWeb) {
  std::vector<ListenAddress> addresses;
  for (const std::string& text : texts) addresses.push_back(ParseListenAddress(text).value());
  return CheckListenable(addresses, ipv6);
}

TEST(CheckListenable, FreeAddressesPassAndStayFree) {
  for (int turn = 0; turn < 2; ++turn) {
    const auto checked = Check({":0", "127.0.0.1:0"});
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ((*checked)[0].host, "");
    EXPECT_EQ((*checked)[1].host, "127.0.0.1");
  }
}

TEST(CheckListenable, NamesBecomeAddresses) {
  const auto checked = Check({"localhost:0"});
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ((*checked)[0].host, "127.0.0.1");
}

TEST(CheckListenable, TakenPortIsBusy) {
  const TakenPort taken;
  const auto checked = Check({"127.0.0.1:0", taken.text()});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kBusy);
  EXPECT_EQ(checked.error().code, EADDRINUSE);
  EXPECT_THAT(checked.error().message, HasSubstr(taken.text()));
  EXPECT_THAT(checked.error().remedy, HasSubstr("ss -ltnp"));
}

// A port of 127.0.0.1 that nobody has.
std::string FreePort() {
  const TakenPort once;
  return once.text().substr(once.text().find(':'));
}

TEST(CheckListenable, AddressGivenTwiceIsBusyAndSaysSo) {
  const std::string text = "127.0.0.1" + FreePort();
  const auto checked = Check({"127.0.0.1:0", text, text});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kBusy);
  EXPECT_EQ(checked.error().message, "listening on " + text + ": this address is given twice");
}

TEST(CheckListenable, AddressesThatOverlapAreBusyAndBothNamed) {
  const std::string port = FreePort();
  for (const auto& [one, other] : {std::pair{port, "127.0.0.1" + port},
                                   {"127.0.0.1" + port, port},
                                   {"0.0.0.0" + port, "localhost" + port}}) {
    const auto checked = Check({one, other});
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::kBusy);
    EXPECT_EQ(checked.error().message,
              "listening on " + other + ": " + one + ", given as well, includes it");
    EXPECT_THAT(checked.error().remedy, HasSubstr("one of the two"));
  }
}

TEST(CheckListenable, AddressOfNobodyIsAbsent) {
  const auto checked = Check({"192.0.2.1:0"});  // RFC 5737: never an address of a host
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(checked.error().message, HasSubstr("192.0.2.1:0"));
  EXPECT_THAT(checked.error().remedy, HasSubstr("ip address"));
}

TEST(CheckListenable, Ipv6WithoutIpv6IsAbsentAndSaysWhoLacksIt) {
  for (const auto& [lack, words] : {std::pair{Ipv6::kNotInCivetWeb, "built without IPv6"},
                                    {Ipv6::kNotInKernel, "kernel runs without IPv6"}}) {
    const auto checked = Check({"[::1]:0"}, lack);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::kAbsent);
    EXPECT_THAT(checked.error().message, HasSubstr("[::1]:0"));
    EXPECT_THAT(checked.error().message, HasSubstr(words));
    EXPECT_THAT(checked.error().remedy, HasSubstr("IPv4"));
  }
}

class CheckListenableIpv6 : public testing::Test {
 protected:
  void SetUp() override {
    const kernel::UniqueFd six(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    if (bind(six.get(), reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) != 0) {
      GTEST_SKIP() << "SKIPPED: this host has no ::1";
    }
  }
};

TEST_F(CheckListenableIpv6, AddressesBecomeTheirShortForm) {
  const auto checked = Check({"[0:0::0:1]:0", ":0"}, Ipv6::kAvailable);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ((*checked)[0].host, "::1");
  EXPECT_TRUE((*checked)[0].ipv6);
  EXPECT_EQ((*checked)[1].host, "");
}

TEST_F(CheckListenableIpv6, TheTwoFamiliesDoNotOverlapUnlessOneSocketHasBoth) {
  const std::string port = FreePort();
  EXPECT_TRUE(Check({"0.0.0.0" + port, "[::]" + port}, Ipv6::kAvailable));
  for (const auto* other : {"127.0.0.1", "[::1]", "[::]", "0.0.0.0"}) {
    const auto checked = Check({port, other + port}, Ipv6::kAvailable);
    ASSERT_FALSE(checked) << other;
    EXPECT_THAT(checked.error().message, HasSubstr(port + ", given as well, includes it"));
  }
}

TEST_F(CheckListenableIpv6, LinkLocalAddressNeedsItsInterface) {
  const auto without = Check({"[fe80::1]:0"}, Ipv6::kAvailable);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(without.error().remedy, HasSubstr("[fe80::1%eth0]"));
  const auto nowhere = Check({"[fe80::1%nowhere0]:0"}, Ipv6::kAvailable);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("no such interface"));
}

TEST(ListenError, ForbiddenPortIsDeniedWithTheCapability) {
  for (const int code : {EACCES, EPERM}) {
    const Error error = ListenError(code, ":80");
    EXPECT_EQ(error.kind, ErrorKind::kDenied);
    EXPECT_THAT(error.message, HasSubstr("listening on :80"));
    EXPECT_THAT(error.remedy, HasSubstr("CAP_NET_BIND_SERVICE"));
  }
}

TEST(ListenError, OtherErrorsKeepTheirWords) {
  const Error error = ListenError(EMFILE, ":80");
  EXPECT_EQ(error.kind, ErrorKind::kIo);
  EXPECT_THAT(error.message, HasSubstr("Too many open files"));
}

}  // namespace
}  // namespace conntrack::exporter::web
