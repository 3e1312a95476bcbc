// The client of `healthcheck`: one GET, and the status of its answer.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "exporter/web/client/http_url.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Sends GET to a URL and yields the status of the answer, whatever it is.
///
/// Tries each address of a name: "localhost" is ::1 before it is 127.0.0.1, and not all listen on
/// both. Reads no further than the status line, follows no redirection, and is done by the deadline
/// however slowly the other side sends. With https the server's certificate is not verified: this
/// asks a process of one's own machine whether it is well, as Kubernetes' HTTPS probes do.
/// Errors:  kTimeout; kAbsent where the name is not known; kMalformed where the answer is no HTTP,
/// or no TLS; kDenied where the server wants a client certificate; kIo, with the errno where nobody
/// listens.
/// Threads and cost: any thread; the process ignores SIGPIPE from then on. A name is looked up by a
/// thread that is left behind where that takes too long, because getaddrinfo(3) cannot be told to
/// stop: for a process that is about to end.
[[nodiscard]] Result<int> HttpGetStatus(const HttpUrl& url,
                                        std::chrono::steady_clock::time_point deadline);

/// The status in "HTTP/1.1 200 OK", without its line break; nothing where it is no such line.
[[nodiscard]] std::optional<int> ParseStatusLine(std::string_view line);

}  // namespace conntrack::exporter::web
