// What a client's certificate has to be.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web {

/// The DNS names, e-mail addresses, IP addresses and URIs of a certificate, as text. A name with a
/// NUL in it is left out: it would read as a shorter one.
[[nodiscard]] std::vector<std::string> SubjectAltNames(const X509* certificate);

/// \brief  Lets the context ask clients for certificates and accept those that the policy allows.
///
/// A name is allowed if it equals one of the list to the byte, as in the toolkit; also where nobody
/// has verified the certificate (RequireAnyClientCert), which then proves nothing.
/// False where there is no memory for it.
[[nodiscard]] bool SetClientCertificatePolicy(SSL_CTX* context, ClientAuth auth,
                                              const std::vector<std::string>& allowed_sans);

}  // namespace conntrack::exporter::web
