// Bytes to and from a server, plain or by TLS.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "exporter/web/client/http_url.h"
#include "exporter/web/client/resolve.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  One connection. Nothing that it does takes longer than until the deadline.
///
/// Errors:  kTimeout; kIo with what went wrong; kDenied where the server wants a certificate of its
/// client, which can come as late as with the first Receive().
/// Threads: one at a time.
class ClientStream {
 public:
  ClientStream() = default;
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  virtual ~ClientStream() = default;

  /// Sends all of it.
  [[nodiscard]] virtual Result<void> Send(std::string_view text, Deadline deadline) = 0;

  /// Yields how much of the buffer is filled; 0 at the end.
  [[nodiscard]] virtual Result<std::size_t> Receive(std::span<char> buffer, Deadline deadline) = 0;
};

/// \brief  Connects to the server of a URL, and shakes hands where it is https.
///
/// Whom the server's certificate names, and who has signed it, is not looked at: this is for asking
/// a process of one's own machine whether it is well, as Kubernetes' HTTPS probes do it.
/// From the first https on the process ignores SIGPIPE, for OpenSSL does not spare it.
/// Errors:  those of ConnectTo() and of ClientStream; kMalformed where the server speaks no TLS.
[[nodiscard]] Result<std::unique_ptr<ClientStream>> OpenStream(const HttpUrl& url,
                                                               Deadline deadline);

}  // namespace conntrack::exporter::web
