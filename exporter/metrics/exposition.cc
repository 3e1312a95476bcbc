#include "exporter/metrics/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "exporter/process/printable_text.h"

namespace conntrack::exporter {
namespace {

prometheus::MetricType ToPrometheus(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram ToHistogram(const Sample& sample) {
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = static_cast<std::uint64_t>(sample.value);
  histogram.sample_sum = sample.sum;
  histogram.bucket.reserve(sample.buckets.size());
  for (const auto& bucket : sample.buckets)
    histogram.bucket.push_back({bucket.cumulative_count, bucket.upper_bound});
  return histogram;  // the serializer adds the bucket +Inf
}

prometheus::ClientMetric ToClientMetric(const Sample& sample, MetricType type) {
  prometheus::ClientMetric metric;
  metric.label.reserve(sample.labels.size());
  for (const auto& label : sample.labels)
    metric.label.push_back({std::string(label.name), PrintableText(label.value)});
  switch (type) {
    case MetricType::kGauge:
      metric.gauge.value = sample.value;
      break;
    case MetricType::kCounter:
      metric.counter.value = sample.value;
      break;
    case MetricType::kHistogram:
      metric.histogram = ToHistogram(sample);
      break;
  }
  return metric;
}

// prometheus-cpp escapes label values only. Printable text has no newline.
std::string HelpText(std::string_view help) {
  std::string text = PrintableText(help);
  for (auto at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

prometheus::MetricFamily ToMetricFamily(const Family& family) {
  prometheus::MetricFamily converted;
  converted.name = family.name;
  converted.help = HelpText(family.help);
  converted.type = ToPrometheus(family.type);
  converted.metric.reserve(family.samples.size());
  for (const auto& sample : family.samples)
    converted.metric.push_back(ToClientMetric(sample, family.type));
  return converted;
}

}  // namespace

std::string RenderText(const std::vector<Family>& families) {
  std::vector<prometheus::MetricFamily> converted;
  converted.reserve(families.size());
  for (const auto& family : families) {
    if (!family.samples.empty()) converted.push_back(ToMetricFamily(family));
  }
  return prometheus::TextSerializer().Serialize(converted);
}

}  // namespace conntrack::exporter
