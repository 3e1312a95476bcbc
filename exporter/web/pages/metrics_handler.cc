#include "exporter/web/pages/metrics_handler.h"

#include <utility>

#include "exporter/web/pages/collector_selection.h"
#include "exporter/web/pages/content_coding.h"
#include "exporter/web/pages/query.h"
#include "exporter/web/pages/scrape_budget.h"

namespace conntrack::exporter::web {
namespace {

HttpResponse Metrics(const HttpRequest& request, MetricsFormat format, std::string body) {
  // Vary also without gzip: a cache between us and the client must know that the answer depends on
  // the headers.
  HttpResponse response{200,
                        std::string(ContentType(format)),
                        std::move(body),
                        {{"Vary", "Accept, Accept-Encoding"}}};
  GzipWhereWanted(request, response);
  return response;
}

}  // namespace

MetricsHandler::MetricsHandler(Scraper& scraper, Render render, MetricsHandlerOptions options)
    : scraper_(scraper), render_(std::move(render)), options_(options) {}

HttpResponse MetricsHandler::Handle(const HttpRequest& request) {
  const auto deadline = std::chrono::steady_clock::now() +
                        ScrapeBudget(request.Header("X-Prometheus-Scrape-Timeout-Seconds"),
                                     options_.default_timeout, options_.timeout_offset);
  const auto parameters = ParseQuery(request.query);
  if (!parameters)
    return PlainText(400, "The query is not correctly percent-encoded, or too long.\n");
  const auto selected = SelectCollectors(*parameters, scraper_.names());
  if (!selected) return PlainText(400, selected.error());
  const auto format = ChooseFormat(request.Header("Accept").value_or(""));
  auto body = render_(scraper_.Scrape(*selected, ScrapeContext{deadline}), format);
  return Metrics(request, format, std::move(body));
}

}  // namespace conntrack::exporter::web
