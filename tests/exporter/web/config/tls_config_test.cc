#include "exporter/web/config/tls_config.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace conntrack::exporter::web {
namespace {

const char* const kWithoutForwardSecrecy[] = {
    "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"};

// OpenSSL's word for which suite a name of its own means.
std::string StandardName(const CipherSuite& suite) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  &SSL_CTX_free);
  const std::string name(suite.openssl);
  if (suite.tls13) {
    SSL_CTX_set_ciphersuites(context.get(), name.c_str());
  } else {
    SSL_CTX_set_ciphersuites(context.get(), "");
    SSL_CTX_set_cipher_list(context.get(), name.c_str());
  }
  const auto* ciphers = SSL_CTX_get_ciphers(context.get());
  if (sk_SSL_CIPHER_num(ciphers) < 1) return "";
  return SSL_CIPHER_standard_name(sk_SSL_CIPHER_value(ciphers, 0));
}

TEST(TlsNames, EverySuiteIsToOpenSslWhatItIsToIana) {
  for (const CipherSuite& suite : DefaultCipherSuites()) {
    EXPECT_EQ(FindCipherSuite(suite.name), suite);
    std::string iana(suite.name);
    EXPECT_EQ(StandardName(suite), iana);
  }
  for (const char* name : kWithoutForwardSecrecy) {
    ASSERT_TRUE(FindCipherSuite(name)) << name;
    EXPECT_EQ(StandardName(*FindCipherSuite(name)), name);
  }
}

TEST(TlsNames, NoDefaultIsWithoutForwardSecrecy) {
  for (const CipherSuite& suite : DefaultCipherSuites()) {
    EXPECT_TRUE(suite.tls13 || suite.name.starts_with("TLS_ECDHE_")) << suite.name;
  }
}

TEST(TlsNames, EveryCurveIsKnownToOpenSsl) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  &SSL_CTX_free);
  for (const Curve& curve : DefaultCurves()) {
    EXPECT_EQ(FindCurve(curve.name), curve);
    EXPECT_EQ(SSL_CTX_set1_groups_list(context.get(), std::string(curve.openssl).c_str()), 1)
        << curve.name;
  }
}

TEST(TlsNames, VersionsAreOpenSslsNumbers) {
  EXPECT_EQ(static_cast<int>(*FindTlsVersion("TLS10")), TLS1_VERSION);
  EXPECT_EQ(static_cast<int>(*FindTlsVersion("TLS13")), TLS1_3_VERSION);
}

TEST(TlsNames, WhatIsUnknown) {
  EXPECT_FALSE(FindTlsVersion("SSL30"));
  EXPECT_FALSE(FindTlsVersion(""));
  EXPECT_FALSE(FindCurve("P-256"));
  EXPECT_FALSE(FindCipherSuite("ECDHE-RSA-AES128-GCM-SHA256"));
  EXPECT_FALSE(FindCipherSuite("TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
}

}  // namespace
}  // namespace conntrack::exporter::web
