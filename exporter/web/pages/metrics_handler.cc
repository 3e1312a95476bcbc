#include "exporter/web/pages/metrics_handler.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace conntrack::exporter::web {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> ParseSeconds(std::string_view text) {
  constexpr double kLongest = 3600;
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seconds);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (!(seconds > 0 && seconds <= kLongest)) return std::nullopt;  // this form also rejects NaN
  return std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(seconds));
}

using CollectorNames = std::vector<std::string>;

bool Contains(const CollectorNames& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

CollectorNames Values(const std::vector<QueryParameter>& parameters, std::string_view name) {
  CollectorNames values;
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == name) values.push_back(parameter.value);
  }
  return values;
}

std::string Unavailable(const std::string& name, const CollectorNames& available) {
  std::string text = "Collector \"" + Printable(name) + "\" is unknown or switched off. On are:";
  for (const std::string& other : available) text.append(" ").append(other);
  return text.append(available.empty() ? " none.\n" : ".\n");
}

}  // namespace

milliseconds ScrapeBudget(std::optional<std::string_view> header, milliseconds otherwise,
                          milliseconds offset) {
  const milliseconds timeout = ParseSeconds(header.value_or("")).value_or(otherwise);
  return std::max({timeout - offset, timeout / 10, milliseconds(1)});
}

tl::expected<CollectorNames, std::string> SelectCollectors(
    const std::vector<QueryParameter>& parameters, const CollectorNames& available) {
  const CollectorNames collect = Values(parameters, "collect[]");
  const CollectorNames exclude = Values(parameters, "exclude[]");
  if (!collect.empty() && !exclude.empty()) {
    return tl::unexpected(std::string("Use either collect[] or exclude[], not both.\n"));
  }
  for (const CollectorNames& wanted : {collect, exclude}) {
    for (const std::string& name : wanted) {
      if (!Contains(available, name)) return tl::unexpected(Unavailable(name, available));
    }
  }
  CollectorNames selected;
  std::copy_if(available.begin(), available.end(), std::back_inserter(selected),
               [&](const std::string& name) {
                 return collect.empty() ? !Contains(exclude, name) : Contains(collect, name);
               });
  return selected;
}

MetricsHandler::MetricsHandler(ReadingScheduler& scheduler, Render render,
                               MetricsHandlerOptions options)
    : scheduler_(scheduler), render_(std::move(render)), options_(options) {}

HttpResponse MetricsHandler::Handle(const HttpRequest& request) {
  const auto deadline = std::chrono::steady_clock::now() +
                        ScrapeBudget(request.Header("X-Prometheus-Scrape-Timeout-Seconds"),
                                     options_.default_timeout, options_.timeout_offset);
  const auto parameters = ParseQuery(request.query);
  if (!parameters) {
    return PlainText(400, "The query has invalid percent-encoding or is too long.\n");
  }
  const auto selected = SelectCollectors(*parameters, scheduler_.names());
  if (!selected) return PlainText(400, selected.error());
  const auto format = ChooseFormat(request.Header("Accept").value_or(""));
  // Vary also without gzip, so that caches know that the response depends on these headers.
  HttpResponse response{200,
                        std::string(ContentType(format)),
                        render_(scheduler_.Read(*selected, deadline), format),
                        {{"Vary", "Accept, Accept-Encoding"}}};
  CompressIfAccepted(request, response);
  return response;
}

}  // namespace conntrack::exporter::web
