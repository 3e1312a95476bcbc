// Lets CivetWeb find OpenSSL.
#pragma once

#include "collectors/kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Makes CivetWeb ready for TLS; once a process, before the first server with TLS.
///
/// CivetWeb as Debian and Ubuntu build it (1.15, 1.16) opens "libssl.so" by name and looks its
/// functions up there. That fails twice: the name without a version comes with libssl-dev only, and
/// OpenSSL 3 has no SSL_get_peer_certificate any more (github.com/civetweb/civetweb/issues/1334).
/// So this program, which is linked with OpenSSL anyhow, answers for both: see the .cc file.
/// Errors: kAbsent where CivetWeb is built without TLS, or still misses a function. Starting a server
/// nevertheless would crash at the first connection: CivetWeb 1.15 forgets that it failed.
[[nodiscard]] Result<void> PrepareCivetWebTls();

}  // namespace conntrack::exporter::web
