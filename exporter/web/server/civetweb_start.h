// Starting CivetWeb: checks before it, and our options in its words.
#pragma once

#include <string>
#include <vector>

#include "exporter/web/server/features.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/server.h"
#include "kernel/result.h"

struct mg_callbacks;
struct mg_context;

namespace conntrack::exporter::web {

/// \brief  Whether this CivetWeb can do TLS.
/// A distribution's opens OpenSSL at run time (civetweb_dlopen.cc). If that failed, CivetWeb 1.15
/// would forget it and crash at the first connection.
[[nodiscard]] Result<void> PrepareTls();

/// \brief  Raises the soft limit of open files to what this server and the rest of the process may
/// need. So connections never use up what collectors need to open, and accept(2) never fails for
/// want of a descriptor: CivetWeb would try again without end.
[[nodiscard]] Result<void> RaiseOpenFilesLimit(const ServerOptions& options);

/// Empty where sockets are inherited.
[[nodiscard]] Result<std::vector<ListenAddress>> AddressesToBind(const ServerOptions& options,
                                                                 Ipv6 ipv6);

/// \brief  In CivetWeb's words: a bare port is IPv4 only, one with a plus is both families, an s
/// means TLS, @FD is an inherited socket (patches/civetweb/inherited-sockets.patch).
[[nodiscard]] std::string CivetPorts(const ServerOptions& options,
                                     const std::vector<ListenAddress>& addresses, Ipv6 ipv6);

/// Whether this CivetWeb starts threads on demand (patches/civetweb/threads-on-demand.patch)
/// instead of all at once.
[[nodiscard]] bool StartsThreadsLater();

/// Null if it does not start; then the messages that the callbacks get say why.
[[nodiscard]] mg_context* StartCivetWeb(const ServerOptions& options, const std::string& ports,
                                        const mg_callbacks& callbacks, void* user_data);

}  // namespace conntrack::exporter::web
