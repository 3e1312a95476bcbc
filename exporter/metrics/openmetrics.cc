#include "exporter/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "exporter/process/printable_text.h"

namespace conntrack::exporter {
namespace {

constexpr std::string_view kTotal = "_total";

// Name and type of a family in OpenMetrics.
struct Head {
  std::string_view name, type;
};

Head HeadOf(const Family& family) {
  if (family.type == MetricType::kGauge) return {family.name, "gauge"};
  if (family.type == MetricType::kHistogram) return {family.name, "histogram"};
  if (!family.name.ends_with(kTotal)) return {family.name, "unknown"};
  return {family.name.substr(0, family.name.size() - kTotal.size()), "counter"};
}

std::string_view UnitOf(std::string_view name) {
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit) && name.substr(0, name.size() - unit.size()).ends_with('_')) {
      return unit;
    }
  }
  return {};
}

// Same escapes in HELP lines and label values. The text format 0.0.4 does not escape quotes in
// HELP.
void AppendEscaped(std::string& out, std::string_view text) {
  for (const char c : PrintableText(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

// Integers without a fraction; other numbers in the fewest digits that parse as the same number.
void AppendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
    return;
  }
  // Below this size, every double without a fraction is exactly an int64_t.
  constexpr double kIntegers = 9'223'372'036'854'775'808.0;
  std::array<char, 32> digits{};
  const bool integer = std::trunc(value) == value && std::abs(value) < kIntegers;
  const auto end = integer ? std::to_chars(digits.data(), digits.data() + digits.size(),
                                           static_cast<std::int64_t>(value))
                           : std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

// Upper bound of a bucket, always as a float ("1.0"), like Go's client library.
std::string Bound(double bound) {
  constexpr double kExponentFrom = 1e6, kExponentBelow = 1e-4;
  if (std::isinf(bound)) return "+Inf";
  const double size = std::abs(bound);
  const bool exponent = size >= kExponentFrom || (size > 0 && size < kExponentBelow);
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), bound,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(digits.data(), end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void AppendHead(std::string& out, const Family& family) {
  const auto [name, type] = HeadOf(family);
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  if (const auto unit = UnitOf(name); !unit.empty()) {
    out.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
  out.append("# HELP ").append(name).append(" ");
  AppendEscaped(out, family.help);
  out += '\n';
}

void AppendLabel(std::string& out, char before, std::string_view name, std::string_view value) {
  out += before;
  out.append(name).append("=\"");
  AppendEscaped(out, value);
  out += '"';
}

// Appends one line. `bound` is the upper bound of a bucket; empty if the sample is not a bucket.
void AppendLine(std::string& out, std::string_view name, std::string_view suffix,
                const std::vector<Label>& labels, std::string_view bound, double value) {
  out.append(name).append(suffix);
  char before = '{';
  for (const auto& label : labels) {
    AppendLabel(out, before, label.name, label.value);
    before = ',';
  }
  if (!bound.empty()) {
    AppendLabel(out, before, "le", bound);
    before = ',';
  }
  out.append(before == '{' ? " " : "} ");
  AppendNumber(out, value);
  out += '\n';
}

void AppendHistogram(std::string& out, std::string_view name, const Sample& sample) {
  for (const auto& bucket : sample.buckets) {
    AppendLine(out, name, "_bucket", sample.labels, Bound(bucket.upper_bound),
               static_cast<double>(bucket.cumulative_count));
  }
  AppendLine(out, name, "_bucket", sample.labels, "+Inf", sample.value);
  AppendLine(out, name, "_count", sample.labels, "", sample.value);
  AppendLine(out, name, "_sum", sample.labels, "", sample.sum);
}

}  // namespace

std::string RenderOpenMetrics(const std::vector<Family>& families) {
  std::string out;
  for (const auto& family : families) {
    if (family.samples.empty()) continue;
    AppendHead(out, family);
    for (const auto& sample : family.samples) {
      if (family.type == MetricType::kHistogram) {
        AppendHistogram(out, family.name, sample);
      } else {
        AppendLine(out, family.name, "", sample.labels, "", sample.value);
      }
    }
  }
  return out;
}

}  // namespace conntrack::exporter
