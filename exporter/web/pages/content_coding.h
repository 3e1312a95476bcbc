// Compression as the client wants it.
#pragma once

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

/// Compresses the body where the request asks for gzip, and says so.
/// Who calls it names Accept-Encoding in Vary, also of answers that are not compressed: a cache
/// between us and the client must know that they depend on it.
void GzipWhereWanted(const HttpRequest& request, HttpResponse& response);

}  // namespace conntrack::exporter::web
