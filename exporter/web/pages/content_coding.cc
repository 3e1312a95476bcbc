#include "exporter/web/pages/content_coding.h"

#include "exporter/web/pages/accept_encoding.h"
#include "exporter/web/pages/gzip.h"

namespace conntrack::exporter::web {

void GzipWhereWanted(const HttpRequest& request, HttpResponse& response) {
  if (!WantsGzip(request.Header("Accept-Encoding").value_or(""))) return;
  response.body = Gzip(response.body);
  response.headers.push_back({"Content-Encoding", "gzip"});
}

}  // namespace conntrack::exporter::web
