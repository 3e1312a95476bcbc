// The TLS of a server that runs, whose configuration may change from one handshake to the next.
#pragma once

#include <functional>
#include <memory>

#include "exporter/web/config/tls_context.h"

struct ssl_ctx_st;

namespace conntrack::exporter::web {

/// \brief  One OpenSSL context for the life of the server, as CivetWeb wants it; it has nothing of
/// its own, and asks for the current configuration when a client says hello.
///
/// OpenSSL calls that moment the client hello callback. It comes before version, cipher,
/// certificate or anything else is chosen.
/// Errors:  the constructor throws std::bad_alloc.
/// Threads: `current` is called by several threads at once. Must outlive the server.
class ServerTls {
 public:
  using Current = std::function<std::shared_ptr<const TlsContext>()>;

  explicit ServerTls(Current current);

  [[nodiscard]] ssl_ctx_st* context() const { return context_.get(); }

 private:
  const std::unique_ptr<const Current> current_;  ///< At an address that stays.
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace conntrack::exporter::web
