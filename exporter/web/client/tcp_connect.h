// TCP connections of a client, in bounded time.
#pragma once

#include "exporter/web/client/http_url.h"
#include "exporter/web/client/resolve.h"
#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {

/// \brief  A connection to the host of the URL, in non-blocking mode.
///
/// Tries each address of a name: "localhost" is ::1 before it is 127.0.0.1, and not all listen on
/// both.
/// Errors:  kTimeout; kAbsent where the name is not known; kIo with the errno of the last address.
/// Threads and cost: any thread; see resolve.h for names.
[[nodiscard]] Result<kernel::UniqueFd> ConnectTo(const HttpUrl& url, Deadline deadline);

/// \brief  Waits for POLLIN or POLLOUT, or for an error, which the next call on the socket tells.
/// Errors:  kTimeout, kIo; both begin with `what` was being done.
[[nodiscard]] Result<void> WaitFor(const kernel::UniqueFd& socket, short events, Deadline deadline,
                                   const char* what);

}  // namespace conntrack::exporter::web
