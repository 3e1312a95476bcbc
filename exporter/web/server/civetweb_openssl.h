// Lets CivetWeb find OpenSSL.
#pragma once

#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Makes CivetWeb ready for TLS; once a process, before the first server with TLS.
///
/// One that is built from source is linked with OpenSSL; a distribution's opens it at run time,
/// with the help of civetweb_dlopen.cc.
/// Errors: kAbsent where CivetWeb is built without TLS, or still misses a function. Starting a
/// server nevertheless would crash at the first connection: CivetWeb 1.15 forgets that it failed.
[[nodiscard]] Result<void> PrepareCivetWebTls();

}  // namespace conntrack::exporter::web
