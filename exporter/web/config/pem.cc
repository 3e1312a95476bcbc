#include "exporter/web/config/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace conntrack::exporter::web {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// OpenSSL's own callback would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificate NextCertificate(BIO* bio) {
  return {PEM_read_bio_X509(bio, nullptr, &NoPassphrase, nullptr), &X509_free};
}

tl::unexpected<Error> Refused(const char* what) {
  return Fail(ErrorKind::kMalformed, std::string(what) + ": " + TakeOpenSslError());
}

// Reading until nothing is left ends in an error; only "no more" is none.
bool EndedWell() {
  const unsigned long error = ERR_peek_last_error();
  const bool ended = error == 0 || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                                    ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
  if (ended) ERR_clear_error();
  return ended;
}

}  // namespace

std::string TakeOpenSslError() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

Result<void> UseCertificate(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  const Certificate leaf = NextCertificate(bio.get());
  if (!leaf) return Refused("no certificate in PEM format");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return Refused("unusable certificate");
  while (const Certificate next = NextCertificate(bio.get())) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return Refused("unusable chain");
  }
  if (!EndedWell()) return Refused("broken certificate in the chain");
  return {};
}

Result<void> UseKey(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr),
                &EVP_PKEY_free);
  if (!key) return Refused("no private key in PEM format that needs no passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Refused("the key does not belong to the certificate");
  }
  return {};
}

Result<void> TrustClientCas(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  int count = 0;
  while (const Certificate ca = NextCertificate(bio.get())) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1 ||
        SSL_CTX_add_client_CA(context, ca.get()) != 1) {
      return Refused("unusable CA certificate");
    }
    ++count;
  }
  if (!EndedWell()) return Refused("broken CA certificate");
  if (count == 0) return Fail(ErrorKind::kMalformed, "no CA certificate in PEM format");
  return {};
}

}  // namespace conntrack::exporter::web
