#include "exporter/web/config/web_config.h"

#include <gmock/gmock.h>

#include "tests/exporter/web/users/known_passwords.h"
#include "tls_section.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

const std::string kHash = test::kSecret2b;

WebConfig Parse(const std::string& text) {
  auto config = ParseWebConfig(text);
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *config : WebConfig{};
}

std::string Complaint(const std::string& text) {
  const auto config = ParseWebConfig(text);
  EXPECT_FALSE(config) << text;
  if (config) return "";
  EXPECT_EQ(config.error().kind, ErrorKind::kMalformed);
  return config.error().message;
}

// What is said about a line that follows a good certificate and key.
std::string TlsComplaint(const std::string& line) {
  return Complaint(test::kTlsSection + "  " + line + "\n");
}
TlsConfig Tls(const std::string& lines) { return Parse(test::kTlsSection + lines).tls.value(); }

TEST(WebConfig, EmptyTextIsPlainHttpForEverybody) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "{}"}) {
    const auto config = Parse(text);
    EXPECT_FALSE(config.tls) << text;
    EXPECT_THAT(config.users, IsEmpty());
    EXPECT_THAT(config.headers, IsEmpty());
    EXPECT_FALSE(config.rate_limit);
  }
}

TEST(WebConfig, EmptySectionsChangeNothing) {
  const auto config = Parse(
      "tls_server_config:\nhttp_server_config:\n  headers:\nbasic_auth_users: {}\nrate_limit: ~\n");
  EXPECT_FALSE(config.tls);
  EXPECT_THAT(config.users, IsEmpty());
  EXPECT_FALSE(config.rate_limit);
}

TEST(WebConfig, TextThatIsNoMapping) {
  EXPECT_THAT(Complaint("- a\n- b\n"), HasSubstr("1:1: the configuration must be a mapping"));
  EXPECT_THAT(Complaint("hello"), HasSubstr("must be a mapping"));
}

TEST(WebConfig, BrokenYamlNamesThePlace) {
  EXPECT_THAT(Complaint("rate_limit:\n  burst: [1\n"), StartsWith("3:1: "));
  EXPECT_THAT(Complaint("rate_limit: *nowhere\n"), StartsWith("1:13: "));
  EXPECT_THAT(Complaint("\t- tab"), StartsWith("1:"));
}

TEST(WebConfig, UnknownKeyNamesPlaceAndKnownOnes) {
  EXPECT_EQ(Complaint("http_server_config:\n  http3: true\n"),
            "2:3: unknown key in http_server_config; known are: http2, headers");
  EXPECT_THAT(Complaint("tls_config: {}\n"), HasSubstr("tls_server_config, http_server_config"));
  EXPECT_THAT(TlsComplaint("cert_fil: x"), StartsWith("4:3: unknown key in tls_server_config; "));
  EXPECT_THAT(Complaint("rate_limit: {rate: 1}"), StartsWith("1:14: unknown key in rate_limit"));
}

TEST(WebConfig, KeyThatStandsTwice) {
  EXPECT_EQ(TlsComplaint("key_file: other.key"), "4:3: this key is given twice");
  EXPECT_THAT(Complaint("rate_limit: {}\nrate_limit: {}\n"), StartsWith("2:1: "));
  EXPECT_THAT(Complaint("basic_auth_users:\n  a: " + kHash + "\n  a: " + kHash + "\n"),
              StartsWith("3:3: this key is given twice"));
}

TEST(WebConfig, SecondDocument) {
  EXPECT_THAT(Complaint("rate_limit:\n---\nrate_limit:\n"), HasSubstr("more than one document"));
}

TEST(WebConfig, TextThatYamlCppWouldTakeForNothing) {
  EXPECT_THAT(Complaint(","), HasSubstr("text outside of it"));
  EXPECT_THAT(Complaint(",'Y\x87"), HasSubstr("text outside of it"));
}

TEST(WebConfig, SectionOfTheWrongType) {
  EXPECT_THAT(Complaint("tls_server_config: yes\n"), HasSubstr("tls_server_config must be a mapp"));
  EXPECT_THAT(Complaint("basic_auth_users: [alice]\n"), HasSubstr("must be a mapping"));
  EXPECT_THAT(Complaint("http_server_config: {headers: [a]}"), HasSubstr("headers must be a map"));
  EXPECT_THAT(Complaint("? [a, b]\n: c\n"), HasSubstr("a key is no text"));
}

TEST(WebConfig, AliasesAreFollowedAndCyclesHarmless) {
  EXPECT_EQ(Parse("rate_limit: {burst: &n 3, interval: 1s}\nbasic_auth_users:\n").rate_limit->burst,
            3);
  EXPECT_THAT(Complaint("basic_auth_users: &me\n  alice: *me\n"), HasSubstr("must be a text"));
}

TEST(WebConfig, CertificateAndKeyFromFiles) {
  const auto tls = Tls("");
  EXPECT_EQ(tls.certificate.file, "server.crt");
  EXPECT_EQ(tls.key.file, "server.key");
  EXPECT_EQ(tls.certificate.position, (Position{2, 14}));
  EXPECT_EQ(tls.client_auth, ClientAuth::kNone);
  EXPECT_EQ(tls.min_version, TlsVersion::k12);
  EXPECT_EQ(tls.max_version, TlsVersion::k13);
  EXPECT_TRUE(tls.prefer_server_cipher_suites);
  EXPECT_THAT(tls.cipher_suites, IsEmpty());
  EXPECT_THAT(tls.curve_preferences, IsEmpty());
}

TEST(WebConfig, CertificateAndKeyInline) {
  const auto tls =
      Parse("tls_server_config:\n  cert: |\n    PEM\n    more\n  key: |\n    SECRET\n").tls.value();
  EXPECT_EQ(tls.certificate.text, "PEM\nmore\n");
  EXPECT_EQ(tls.key.text, "SECRET\n");
}

TEST(WebConfig, CertificateMissing) {
  for (const char* text : {"tls_server_config:\n  key_file: k\n",                   //
                           "tls_server_config:\n  cert_file: ''\n  key_file: k\n",  //
                           "tls_server_config:\n  cert: ''\n  key: k\n",            //
                           "tls_server_config:\n  cert_file: ''\n  key_file: ''\n"}) {
    EXPECT_THAT(Complaint(text), HasSubstr("missing one of cert or cert_file")) << text;
  }
}

TEST(WebConfig, KeyMissing) {
  for (const char* text : {"tls_server_config:\n  cert_file: c\n",
                           "tls_server_config:\n  cert_file: c\n  key_file: ''\n",
                           "tls_server_config:\n  cert: c\n  key: ''\n"}) {
    EXPECT_THAT(Complaint(text), HasSubstr("missing one of key or key_file")) << text;
  }
}

TEST(WebConfig, TlsSectionWithoutCertificateIsNotSilentlyPlainHttp) {
  EXPECT_THAT(Complaint("tls_server_config:\n  min_version: TLS13\n"), HasSubstr("missing one of"));
}

TEST(WebConfig, InlineAndFileTogether) {
  EXPECT_THAT(TlsComplaint("cert: PEM"), HasSubstr("keep one of them"));
}

// The file may be any that somebody has named: a list of passwords, a key.
TEST(WebConfig, ErrorsQuoteNothing) {
  const std::string tls = "tls_server_config:\n  cert_file: c\n  ";
  for (const std::string& text :
       {std::string("SECRET"),
        std::string("SECRET: x"),
        std::string("root:SECRET:0"),
        std::string("[SECRET"),
        std::string("'SECRET"),
        std::string("*SECRET"),
        std::string("a: *SECRET\n"),
        std::string("\"\\SECRET\""),
        std::string("!SECRET x"),
        std::string("%YAML SECRET\n---\n"),
        std::string("%TAG ! SECRET\n--- !x y\n"),
        std::string("? [SECRET]\n: x"),
        std::string("{SECRET: {}, SECRET: {}}"),
        std::string("- SECRET"),
        std::string("rate_limit: SECRET"),
        std::string("rate_limit: {SECRET: 1}"),
        std::string("rate_limit: {interval: SECRET}"),
        std::string("rate_limit: {interval: 1s, burst: SECRET}"),
        std::string("http_server_config: {SECRET: 1}"),
        std::string("http_server_config: {http2: SECRET}"),
        std::string("http_server_config: {headers: {SECRET: 1}}"),
        std::string("http_server_config: {headers: {X-Frame-Options: SECRET}}"),
        std::string("http_server_config: {headers: {X-XSS-Protection: \"SECRET\\n\"}}"),
        std::string("basic_auth_users: SECRET"),
        std::string("basic_auth_users: {a: SECRET}"),
        std::string("basic_auth_users: {SECRET: x}"),
        "basic_auth_users: {'SECRET:': " + kHash + "}",
        "basic_auth_users: {SECRET: $2y$18" + kHash.substr(6) + "}",
        "basic_auth_users: {SECRET: " + kHash + ", SECRET: " + kHash + "}",
        tls + "key: SECRET\n  key_file: k\n",
        tls + "key: \"SECRET\\0\"\n",
        tls + "SECRET: k\n",
        tls + "key: k\n  min_version: SECRET\n",
        tls + "key: k\n  client_auth_type: SECRET\n",
        tls + "key: k\n  client_allowed_sans: [SECRET]\n",
        tls + "key: k\n  client_allowed_sans: SECRET\n",
        tls + "key: k\n  cipher_suites: [SECRET]\n",
        tls + "key: k\n  curve_preferences: [SECRET]\n",
        tls + "key: k\n  prefer_server_cipher_suites: SECRET\n"}) {
    EXPECT_THAT(Complaint(text), Not(HasSubstr("SECRET"))) << text;
  }
}

TEST(WebConfig, EachClientAuthType) {
  const std::string ca = "  client_ca_file: ca.crt\n";
  const auto auth = [](const std::string& name) { return "  client_auth_type: " + name + "\n"; };
  EXPECT_EQ(Tls(auth("NoClientCert")).client_auth, ClientAuth::kNone);
  EXPECT_EQ(Tls(auth("''")).client_auth, ClientAuth::kNone);
  EXPECT_EQ(Tls(auth("RequestClientCert")).client_auth, ClientAuth::kRequest);
  EXPECT_EQ(Tls(auth("RequireAnyClientCert")).client_auth, ClientAuth::kRequireAny);
  EXPECT_EQ(Tls(auth("RequireClientCert")).client_auth, ClientAuth::kRequireAny);
  EXPECT_EQ(Tls(auth("VerifyClientCertIfGiven") + ca).client_auth, ClientAuth::kVerifyIfGiven);
  EXPECT_EQ(Tls(auth("RequireAndVerifyClientCert") + ca).client_auth,
            ClientAuth::kRequireAndVerify);
}

TEST(WebConfig, UnknownClientAuthType) {
  EXPECT_THAT(TlsComplaint("client_auth_type: requireandverify"),
              StartsWith("4:21: unknown client_auth_type"));
}

TEST(WebConfig, ClientCaThatNothingUses) {
  EXPECT_THAT(TlsComplaint("client_ca_file: ca.crt"), HasSubstr("without a client_auth_type"));
  EXPECT_THAT(TlsComplaint("client_ca: PEM\n  client_auth_type: NoClientCert"),
              HasSubstr("without a client_auth_type"));
}

TEST(WebConfig, VerifyingNeedsAClientCa) {
  EXPECT_THAT(TlsComplaint("client_auth_type: RequireAndVerifyClientCert"),
              HasSubstr("client_ca or client_ca_file is needed"));
  EXPECT_THAT(TlsComplaint("client_auth_type: VerifyClientCertIfGiven"),
              HasSubstr("client_ca or client_ca_file is needed"));
}

TEST(WebConfig, AllowedSans) {
  EXPECT_THAT(Tls("  client_auth_type: RequireAnyClientCert\n"
                  "  client_allowed_sans: [prometheus.example, 192.0.2.1]\n")
                  .client_allowed_sans,
              ElementsAre("prometheus.example", "192.0.2.1"));
}

TEST(WebConfig, AllowedSansNeedACertificate) {
  for (const char* auth : {"NoClientCert", "RequestClientCert"}) {
    EXPECT_THAT(TlsComplaint("client_allowed_sans: [a]\n  client_auth_type: " + std::string(auth)),
                HasSubstr("without a certificate"));
  }
  EXPECT_THAT(TlsComplaint("client_allowed_sans: [a]\n  client_ca: PEM\n"
                           "  client_auth_type: VerifyClientCertIfGiven"),
              HasSubstr("without a certificate"));
}

TEST(WebConfig, EmptyListOfAllowedSansWouldLetNobodyIn) {
  EXPECT_THAT(TlsComplaint("client_allowed_sans: []\n  client_auth_type: RequireAnyClientCert"),
              HasSubstr("would reject every client"));
}

TEST(WebConfig, TlsVersions) {
  const auto tls = Tls("  min_version: TLS10\n  max_version: TLS11\n");
  EXPECT_EQ(tls.min_version, TlsVersion::k10);
  EXPECT_EQ(tls.max_version, TlsVersion::k11);
}

TEST(WebConfig, UnknownTlsVersion) {
  EXPECT_THAT(TlsComplaint("min_version: TLS111"),
              StartsWith("4:16: unknown TLS version in min_version; known are: TLS10"));
  EXPECT_THAT(TlsComplaint("max_version: 1.2"), HasSubstr("unknown TLS version"));
}

TEST(WebConfig, MinimumAboveMaximum) {
  EXPECT_THAT(TlsComplaint("min_version: TLS13\n  max_version: TLS12"), HasSubstr("is above"));
}

TEST(WebConfig, CipherSuites) {
  const auto tls =
      Tls("  cipher_suites:\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
          "  - TLS_AES_256_GCM_SHA384\n  prefer_server_cipher_suites: false\n");
  ASSERT_EQ(tls.cipher_suites.size(), 2u);
  EXPECT_EQ(tls.cipher_suites[0].openssl, "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_TRUE(tls.cipher_suites[1].tls13);
  EXPECT_FALSE(tls.prefer_server_cipher_suites);
}

TEST(WebConfig, InventedOrInsecureCipherSuite) {
  EXPECT_THAT(TlsComplaint("cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]"),
              StartsWith("4:19: unknown or insecure cipher suite"));
  EXPECT_THAT(TlsComplaint("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_2048]"), HasSubstr("unknown"));
  EXPECT_THAT(TlsComplaint("cipher_suites: TLS_AES_256_GCM_SHA384"), HasSubstr("must be a list"));
  EXPECT_THAT(TlsComplaint("cipher_suites: [~]"), HasSubstr("list of texts"));
}

TEST(WebConfig, SuitesOfTls13OnlyWithoutTls13) {
  EXPECT_THAT(TlsComplaint("cipher_suites: [TLS_AES_256_GCM_SHA384]\n  max_version: TLS12"),
              HasSubstr("max_version rules out"));
}

TEST(WebConfig, Curves) {
  const auto tls = Tls("  curve_preferences: [CurveP521, CurveP384, CurveP256, X25519]\n");
  ASSERT_EQ(tls.curve_preferences.size(), 4u);
  EXPECT_EQ(tls.curve_preferences[0].openssl, "P-521");
}

TEST(WebConfig, InventedCurve) {
  EXPECT_THAT(TlsComplaint("curve_preferences: [CurveP257]"), HasSubstr("unknown curve"));
}

TEST(WebConfig, BooleanOfTheWrongType) {
  EXPECT_THAT(TlsComplaint("prefer_server_cipher_suites: 'true'"),
              HasSubstr("must be true or false"));
  EXPECT_THAT(TlsComplaint("prefer_server_cipher_suites: 1"), HasSubstr("must be true or false"));
  EXPECT_THAT(Complaint("http_server_config: {http2: [true]}"), HasSubstr("http2 must be"));
}

TEST(WebConfig, Http2MayBeAskedForAndIsRemembered) {
  EXPECT_TRUE(Parse("http_server_config: {http2: true}").http2_asked_for);
  EXPECT_FALSE(Parse("http_server_config: {http2: false}").http2_asked_for);
  EXPECT_FALSE(Parse("").http2_asked_for);
}

TEST(WebConfig, AllFiveHeaders) {
  const auto config = Parse(
      "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=31536000\n"
      "    X-Content-Type-Options: nosniff\n    X-Frame-Options: sameorigin\n"
      "    X-XSS-Protection: 1; mode=block\n    Content-Security-Policy: default-src 'self'\n");
  EXPECT_EQ(config.headers.size(), 5u);
  EXPECT_EQ(config.headers[3], (HttpHeader{"X-XSS-Protection", "1; mode=block"}));
}

TEST(WebConfig, BlankHeaderIsUnset) {
  EXPECT_THAT(Parse("http_server_config: {headers: {X-Frame-Options: ''}}").headers, IsEmpty());
}

TEST(WebConfig, ForbiddenHeader) {
  EXPECT_THAT(
      Complaint("http_server_config: {headers: {Server: me}}"),
      StartsWith("1:40: this HTTP header cannot be configured; those that can are: Strict-"));
  EXPECT_THAT(Complaint("http_server_config: {headers: {x-frame-options: deny}}"),
              HasSubstr("cannot be configured"));
}

TEST(WebConfig, ForbiddenValueOfAHeader) {
  EXPECT_THAT(Complaint("http_server_config: {headers: {X-Content-Type-Options: sniff}}"),
              HasSubstr("invalid value of X-Content-Type-Options; it may be: nosniff"));
  EXPECT_THAT(Complaint("http_server_config: {headers: {X-Frame-Options: allow}}"),
              HasSubstr("it may be: deny, sameorigin"));
  EXPECT_THAT(
      Complaint("http_server_config:\n  headers:\n    Content-Security-Policy: \"a\\nB: c\""),
      HasSubstr("is not allowed in headers"));
}

TEST(WebConfig, Users) {
  EXPECT_THAT(Parse("basic_auth_users:\n  alice: " + kHash + "\n  007: " + kHash + "\n").users,
              ElementsAre(Pair("007", kHash), Pair("alice", kHash)));
}

TEST(WebConfig, EveryKindOfBcryptAndNothingElse) {
  const auto with = [](const std::string& hash) {
    return "basic_auth_users:\n  a: " + hash + "\n";
  };
  for (const char* kind : {"$2a$", "$2b$", "$2y$"}) {
    EXPECT_EQ(Parse(with(kind + kHash.substr(4))).users.size(), 1u) << kind;
  }
  for (const std::string& bad :
       {std::string("secret"), "$2x$" + kHash.substr(4), kHash + "x", kHash.substr(1),
        "$2b$03" + kHash.substr(6), "$2b$32" + kHash.substr(6), std::string("~"),
        std::string("$6$salt$digest")}) {
    EXPECT_THAT(Complaint(with(bad)), HasSubstr("is not a bcrypt hash")) << bad;
  }
}

TEST(WebConfig, ACostThatWouldKeepOthersWaitingIsRefusedWithTheRemedy) {
  const auto with = [](const std::string& cost) {
    return "basic_auth_users:\n  a: $2y$" + cost + kHash.substr(6) + "\n";
  };
  EXPECT_EQ(Parse(with("14")).users.size(), 1u);
  for (const auto* cost : {"15", "18", "31"}) {
    EXPECT_THAT(Complaint(with(cost)),
                AllOf(StartsWith("2:6: the password of this user has bcrypt cost " +
                                 std::string(cost) + "; above 14, "),
                      HasSubstr("htpasswd -n -B -C 10")));
  }
}

TEST(WebConfig, UserThatCouldNeverLogIn) {
  EXPECT_THAT(Complaint("basic_auth_users:\n  'a:b': " + kHash), HasSubstr("contains a colon"));
}

TEST(WebConfig, RateLimit) {
  EXPECT_EQ(Parse("rate_limit: {interval: 250ms, burst: 20}").rate_limit,
            (RateLimitConfig{250ms, 20}));
}

TEST(WebConfig, RateLimitWithoutIntervalIsOff) {
  EXPECT_FALSE(Parse("rate_limit: {interval: 0, burst: 5}").rate_limit);
  EXPECT_FALSE(Parse("rate_limit: {burst: 5}").rate_limit);
}

TEST(WebConfig, WrongRateLimit) {
  EXPECT_THAT(Complaint("rate_limit: {interval: 1, burst: 5}"), HasSubstr("is not a duration"));
  EXPECT_THAT(Complaint("rate_limit: {interval: -1s, burst: 5}"), HasSubstr("is not a duration"));
  EXPECT_THAT(Complaint("rate_limit: {interval: 1s, burst: many}"), HasSubstr("must be a number"));
  EXPECT_THAT(Complaint("rate_limit: {interval: 1s, burst: '5'}"), HasSubstr("must be a number"));
  EXPECT_THAT(Complaint("rate_limit: {interval: 1s, burst: 99999999999}"), HasSubstr("a number"));
  EXPECT_THAT(Complaint("rate_limit: {burst: -1}"), HasSubstr("negative"));
  EXPECT_THAT(Complaint("rate_limit: {interval: 1s}"), HasSubstr("needs a burst of at least 1"));
}

TEST(GoDuration, Units) {
  EXPECT_EQ(ParseGoDuration("7ns"), 7ns);
  EXPECT_EQ(ParseGoDuration("7us"), 7us);
  EXPECT_EQ(ParseGoDuration("7\u00b5s"), 7us);
  EXPECT_EQ(ParseGoDuration("250ms"), 250ms);
  EXPECT_EQ(ParseGoDuration("1s"), 1s);
  EXPECT_EQ(ParseGoDuration("2m"), 2min);
  EXPECT_EQ(ParseGoDuration("3h"), 3h);
}

TEST(GoDuration, SumsAndFractions) {
  EXPECT_EQ(ParseGoDuration("1m30s"), 90s);
  EXPECT_EQ(ParseGoDuration("1.5h"), 90min);
  EXPECT_EQ(ParseGoDuration(".5s"), 500ms);
}

TEST(GoDuration, ZeroNeedsNoUnit) { EXPECT_EQ(ParseGoDuration("0"), 0ns); }

TEST(GoDuration, WhatIsNone) {
  for (const char* text : {"", "1", "s", "1 s", "-1s", "+1s", "1e3s", "inf", "nans", "1.2.3s", "1d",
                           "1s1", "0x1s", "99999999h"}) {
    EXPECT_FALSE(ParseGoDuration(text)) << text;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
