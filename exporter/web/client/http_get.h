// A client for one question.
#pragma once

#include <chrono>

#include "exporter/web/client/http_url.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Asks for a URL with GET and yields the status of the answer, whatever it is.
///
/// Reads no further than the status line, follows no redirection, and is done by the deadline
/// however slowly the other side sends.
/// Errors:  kTimeout; kAbsent where the name is not known; kMalformed where the answer is no HTTP,
/// or no TLS; kDenied where a certificate is wanted of us; kIo, with the errno where nobody
/// listens.
/// Threads and cost: any thread; see resolve.h for names.
[[nodiscard]] Result<int> HttpGetStatus(const HttpUrl& url,
                                        std::chrono::steady_clock::time_point deadline);

}  // namespace conntrack::exporter::web
