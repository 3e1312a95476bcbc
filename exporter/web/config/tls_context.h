// TLS as one configuration wants it, in OpenSSL's terms.
#pragma once

#include <memory>
#include <string>

#include "exporter/web/config/web_config.h"
#include "kernel/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace conntrack::exporter::web {

/// The texts that a TlsConfig refers to.
struct TlsPem {
  std::string certificate;  ///< The server's, and behind it what leads to its CA.
  std::string key;
  std::string client_ca;  ///< Empty: none.
};

/// \brief  Certificate, key, versions, ciphers, curves and what is asked of clients; never changes.
///
/// There is no session resumption: it would skip the look at the client's certificate, and outlive
/// a change of the configuration. A scraper that keeps its connection pays one handshake.
/// Errors:  Make(): kMalformed with line and column of the key in the configuration that it is
/// about, and OpenSSL's words.
/// Threads: any number at once.
class TlsContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> Make(const TlsConfig& config,
                                                                      const TlsPem& pem);

  /// \brief  Lets a connection whose handshake has just begun go on with this.
  /// False where OpenSSL has no memory for it; the handshake is then to be given up.
  [[nodiscard]] bool ApplyTo(ssl_st* connection) const;

 private:
  TlsContext() = default;

  std::shared_ptr<ssl_ctx_st> context_;
  std::string ciphers_;  ///< As OpenSSL takes them; what a connection must be told by itself.
  std::string tls13_ciphers_;
  std::string curves_;
  int min_version_ = 0;
  int max_version_ = 0;
};

}  // namespace conntrack::exporter::web
