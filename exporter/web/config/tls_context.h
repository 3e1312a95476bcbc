// Translates the TLS part of the web configuration to OpenSSL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/web/config/tls_config.h"
#include "kernel/result.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace conntrack::exporter::web {

/// The contents of the files of a TlsConfig.
struct TlsPem {
  std::string certificate;  ///< The server's, followed by the chain to its CA.
  std::string key;
  std::string client_ca;  ///< May be empty.
};

/// \brief  Certificate, key, versions, ciphers, curves and client authentication. Immutable.
///
/// There is no session resumption: it would skip the check of the client's certificate, and outlive
/// a change of the configuration. A scraper that keeps its connection open needs one handshake.
/// Errors:  Make(): kMalformed with line and column of the key in the configuration, and OpenSSL's
///          message.
/// Threads: any number of threads.
class TlsContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> Make(const TlsConfig& config,
                                                                      const TlsPem& pem);

  /// Applies it to a connection that has just received the client hello. Returns false if out of
  /// memory; the handshake must then fail.
  [[nodiscard]] bool ApplyTo(ssl_st* connection) const;

 private:
  TlsContext() = default;

  std::shared_ptr<ssl_ctx_st> context_;
  std::string ciphers_;  ///< OpenSSL's format; set per connection.
  std::string tls13_ciphers_;
  std::string curves_;
  int min_version_ = 0;
  int max_version_ = 0;
};

/// \brief  The OpenSSL context that CivetWeb uses as long as the server exists. It applies the
/// current TlsContext in the client hello callback, before version, cipher or certificate are
/// selected.
/// Errors:  the constructor throws std::bad_alloc.
/// Threads: several call `current` at once. Must outlive the server.
class ServerTls {
 public:
  using Current = std::function<std::shared_ptr<const TlsContext>()>;

  explicit ServerTls(Current current);

  [[nodiscard]] ssl_ctx_st* context() const { return context_.get(); }

 private:
  const std::unique_ptr<const Current> current_;  ///< At a stable address.
  std::shared_ptr<ssl_ctx_st> context_;
};

/// Returns the reason of the first error in OpenSSL's queue, and clears the queue: "key values
/// mismatch".
[[nodiscard]] std::string TakeOpenSslError();

/// Returns the DNS names, e-mail addresses, IP addresses and URIs of a certificate, as text. A name
/// with a NUL is left out, because it would read as a shorter one.
[[nodiscard]] std::vector<std::string> SubjectAltNames(const x509_st* certificate);

}  // namespace conntrack::exporter::web
