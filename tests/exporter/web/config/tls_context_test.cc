#include "exporter/web/config/tls_context.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <memory>

#include "tests/exporter/web/made_certificate.h"

namespace conntrack::exporter::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Names(const std::string& alt_names) {
  const auto made = test::MakeCertificate("common.example", alt_names);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size())),
      &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  return SubjectAltNames(certificate.get());
}

TEST(SubjectAltNames, DnsMailAddressAndUri) {
  EXPECT_THAT(Names("DNS:a.example,email:b@example,IP:192.0.2.1,IP:2001:db8::1,URI:spiffe://c/d"),
              ElementsAre("a.example", "b@example", "192.0.2.1", "2001:db8::1", "spiffe://c/d"));
}

TEST(SubjectAltNames, CommonNameIsNone) { EXPECT_THAT(Names(""), IsEmpty()); }

TEST(SubjectAltNames, OtherKindsAreLeftOut) {
  EXPECT_THAT(Names("RID:1.2.3.4,DNS:a.example"), ElementsAre("a.example"));
}

}  // namespace
}  // namespace conntrack::exporter::web
