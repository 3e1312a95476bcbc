// Metric families that collectors return, in our own types, independent of prometheus-cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conntrack {

enum class MetricType { kGauge, kCounter, kHistogram };

/// Label value for everything that has no series of its own.
inline constexpr const char* kOther = "other";

struct Label {
  std::string_view name;  ///< A literal.
  std::string value;

  friend bool operator==(const Label&, const Label&) = default;
};

/// Number of observations of a histogram that were at most `upper_bound`.
struct Bucket {
  double upper_bound = 0;
  std::uint64_t cumulative_count = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

struct Sample {
  std::vector<Label> labels;
  double value = 0;  ///< For a histogram: the number of observations.

  // For histograms only.
  double sum = 0;                 ///< Sum of all observations.
  std::vector<Bucket> buckets{};  ///< By rising bound. `value` includes those above the last.

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// One metric family. Name and help are literals in the collector's file.
struct Family {
  std::string_view name;
  std::string_view help;
  MetricType type = MetricType::kGauge;
  std::vector<Sample> samples;

  template <class Number>
  void Add(std::vector<Label> labels, Number value) {
    samples.push_back({std::move(labels), static_cast<double>(value)});
  }

  friend bool operator==(const Family&, const Family&) = default;
};

/// Returns a gauge with labels. The caller adds the samples.
[[nodiscard]] inline Family Gauges(std::string_view name, std::string_view help) {
  return Family{name, help, MetricType::kGauge, {}};
}

/// Returns a counter with labels. The caller adds the samples. The name ends in `_total`.
[[nodiscard]] inline Family Counters(std::string_view name, std::string_view help) {
  return Family{name, help, MetricType::kCounter, {}};
}

/// Returns a gauge without labels.
template <class Number>
[[nodiscard]] Family Gauge(std::string_view name, std::string_view help, Number value) {
  return Family{name, help, MetricType::kGauge, {Sample{{}, static_cast<double>(value)}}};
}

/// Returns a counter without labels. The name ends in `_total`.
template <class Number>
[[nodiscard]] Family Counter(std::string_view name, std::string_view help, Number value) {
  return Family{name, help, MetricType::kCounter, {Sample{{}, static_cast<double>(value)}}};
}

/// Returns a gauge that is always 1, with text in its labels.
[[nodiscard]] inline Family Info(std::string_view name, std::string_view help,
                                 std::vector<Label> labels) {
  return Family{name, help, MetricType::kGauge, {Sample{std::move(labels), 1}}};
}

}  // namespace conntrack
