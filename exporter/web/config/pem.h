// Certificates and keys out of PEM text.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Gives the context the server's certificate, its chain and its key.
/// Errors:  kMalformed with OpenSSL's reason. A key that is encrypted is one: there is nobody to
/// ask for its passphrase.
[[nodiscard]] Result<void> UseCertificate(SSL_CTX* context, const std::string& pem);
[[nodiscard]] Result<void> UseKey(SSL_CTX* context, const std::string& pem);

/// \brief  Lets the context trust these CAs for clients, and name them to clients.
/// Errors:  kMalformed, also where the text holds no certificate.
[[nodiscard]] Result<void> TrustClientCas(SSL_CTX* context, const std::string& pem);

/// What OpenSSL has to say, its queue of errors emptied: "key values mismatch".
[[nodiscard]] std::string TakeOpenSslError();

}  // namespace conntrack::exporter::web
