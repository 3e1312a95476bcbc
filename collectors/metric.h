// What a collector yields: metric families in our own types, free of prometheus-cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conntrack {

enum class MetricType { kGauge, kCounter, kHistogram };

/// The value of a label for all that have no series of their own.
inline constexpr const char* kOther = "other";

struct Label {
  std::string_view name;  ///< A literal.
  std::string value;

  friend bool operator==(const Label&, const Label&) = default;
};

/// How many observations of a histogram were at most `upper_bound`.
struct Bucket {
  double upper_bound = 0;
  std::uint64_t cumulative_count = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

struct Sample {
  std::vector<Label> labels;
  double value = 0;  ///< Of a histogram: how many observations there were.

  // Of a histogram only.
  double sum = 0;                 ///< All observations together.
  std::vector<Bucket> buckets{};  ///< By rising bound. What is above the last is in `value` alone.

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// One metric family. Name and help are literals in the file of its collector.
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

/// A gauge with labels, its samples still to be added.
[[nodiscard]] inline Family Gauges(std::string_view name, std::string_view help) {
  return Family{name, help, MetricType::kGauge, {}};
}

/// A counter with labels, its samples still to be added. The name ends in `_total`.
[[nodiscard]] inline Family Counters(std::string_view name, std::string_view help) {
  return Family{name, help, MetricType::kCounter, {}};
}

/// A gauge without labels.
template <class Number>
[[nodiscard]] Family Gauge(std::string_view name, std::string_view help, Number value) {
  return Family{name, help, MetricType::kGauge, {Sample{{}, static_cast<double>(value)}}};
}

/// A counter without labels. The name ends in `_total`.
template <class Number>
[[nodiscard]] Family Counter(std::string_view name, std::string_view help, Number value) {
  return Family{name, help, MetricType::kCounter, {Sample{{}, static_cast<double>(value)}}};
}

/// What is known as text, in labels: a gauge that is always 1.
[[nodiscard]] inline Family Info(std::string_view name, std::string_view help,
                                 std::vector<Label> labels) {
  return Family{name, help, MetricType::kGauge, {Sample{std::move(labels), 1}}};
}

}  // namespace conntrack
