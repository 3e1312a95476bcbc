// Starts CivetWeb: checks, and translates our options.
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

/// \brief  Returns whether this CivetWeb supports TLS.
/// A distribution's build opens OpenSSL at run time (civetweb_dlopen.cc). If that fails, CivetWeb
/// 1.15 ignores it and crashes at the first connection.
[[nodiscard]] Result<void> PrepareTls();

/// \brief  Raises the soft limit of open files to what this server and the rest of the process may
/// need. Connections then never use up the descriptors that collectors need, and accept(2) never
/// fails with EMFILE, on which CivetWeb would retry endlessly.
[[nodiscard]] Result<void> RaiseOpenFilesLimit(const ServerOptions& options);

/// Returns an empty list if sockets are inherited.
[[nodiscard]] Result<std::vector<ListenAddress>> AddressesToBind(const ServerOptions& options,
                                                                 Ipv6 ipv6);

/// \brief  Returns the addresses in CivetWeb's syntax: a bare port is IPv4 only, a plus means both
/// families, an s means TLS, @FD is an inherited socket (patches/civetweb/inherited-sockets.patch).
[[nodiscard]] std::string CivetPorts(const ServerOptions& options,
                                     const std::vector<ListenAddress>& addresses, Ipv6 ipv6);

/// Returns whether this CivetWeb starts threads on demand
/// (patches/civetweb/threads-on-demand.patch) instead of all at once.
[[nodiscard]] bool StartsThreadsLater();

/// Returns nullptr if it does not start; the messages passed to the callbacks have the reason.
[[nodiscard]] mg_context* StartCivetWeb(const ServerOptions& options, const std::string& ports,
                                        const mg_callbacks& callbacks, void* user_data);

}  // namespace conntrack::exporter::web
