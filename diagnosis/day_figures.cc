#include "diagnosis/day_figures.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "collectors/metric.h"
#include "collectors/sizing.h"
#include "diagnosis/format.h"

namespace conntrack {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
/// Growth over one day does not predict anything later.
constexpr double kFarthest = 30.0 * kDay;

std::span<const MinuteFigures> Window(const DaySeries& series, std::size_t minutes) {
  const std::span all(series.minutes);
  return all.last(std::min(all.size(), minutes));
}

/// Returns the mean of the last known minute, if it is one of the last kLeastMinutes.
std::optional<double> LastOf(std::span<const MinuteFigures> window) {
  window = window.last(std::min(window.size(), kLeastMinutes));
  const auto last = std::find_if(window.rbegin(), window.rend(),
                                 [](const MinuteFigures& minute) { return minute.known(); });
  return last == window.rend() ? std::nullopt : std::optional<double>(last->mean);
}

/// Returns the least-squares slope of the means, per minute.
std::optional<double> SlopeOf(std::span<const MinuteFigures> window) {
  double known = 0, sum_x = 0, sum_y = 0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    if (!window[i].known()) continue;
    known += 1;
    sum_x += static_cast<double>(i);
    sum_y += window[i].mean;
  }
  if (known < kLeastMinutes) return std::nullopt;
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    if (!window[i].known()) continue;
    const auto x = static_cast<double>(i) - sum_x / known;
    products += x * (window[i].mean - sum_y / known);
    squares += x * x;
  }
  return products / squares;
}

/// Sets full_in_seconds or not_full.
void SetFull(std::optional<double> entries, std::optional<double> limit, Outlook& outlook) {
  if (!entries || !limit) {
    outlook.not_full = entries ? "unknown, because the limit is unknown"
                               : "unknown, because the number of entries is unknown";
  } else if (*limit <= 0) {
    outlook.not_full = "never, there is no limit";
  } else if (*entries >= *limit) {
    outlook.full_in_seconds = 0;
  } else if (!outlook.growth_an_hour) {
    outlook.not_full = "unknown, not enough data";
  } else if (*outlook.growth_an_hour <= 0) {
    outlook.not_full = "not expected, the number of entries does not grow";
  } else {
    const auto seconds = (*limit - *entries) / *outlook.growth_an_hour * kHour;
    if (seconds <= kFarthest) {
      outlook.full_in_seconds = seconds;
    } else {
      outlook.not_full = "not within 30 d";
    }
  }
}

/// Returns "45 min", "3.3 h" or "2.1 d".
std::string About(double seconds) {
  if (seconds < 2 * kHour) return Fixed(std::ceil(seconds / kMinute), 0) + " min";
  return seconds < 2 * kDay ? Fixed(seconds / kHour, 1) + " h" : Fixed(seconds / kDay, 1) + " d";
}

std::string GrowthText(double growth) {
  return (growth < 0 ? "-" : "+") + Amount(std::abs(growth)) + " entries";
}

std::string LabelOf(const DaySeries& series) {
  if (series.subject == kFlowsSubject) {
    return series.name == kOther ? "all other flows" : series.name;
  }
  if (series.subject == kLostSubject) return "lost: " + series.name + " /s";
  return series.subject == kEvictedSubject ? "evicted /s" : series.subject;
}

DayRow RowOf(const DayView& day, const DaySeries& series, std::size_t minutes) {
  DayRow row{series.subject, series.name, LabelOf(series), "unknown", "", "unknown"};
  const auto figures = PeakAndMeanOf(day, series, minutes);
  if (!figures) return row;
  row.peak = Amount(figures->peak);
  row.mean = Amount(figures->mean);
  if (figures->peak > 0) row.time = ClockTime(figures->peak_time);
  return row;
}

}  // namespace

std::optional<PeakAndMean> PeakAndMeanOf(const DayView& day, const DaySeries& series,
                                         std::size_t minutes) {
  const auto window = Window(series, minutes);
  const auto first = static_cast<std::int64_t>(series.minutes.size() - window.size());
  PeakAndMean figures;
  for (std::size_t i = 0; i < window.size(); ++i) {
    if (!window[i].known()) continue;
    if (figures.known == 0 || window[i].maximum > figures.peak) {
      figures.peak = window[i].maximum;
      figures.peak_time = day.begin + (first + static_cast<std::int64_t>(i)) * kMinute;
    }
    figures.mean += window[i].mean;
    ++figures.known;
  }
  if (figures.known == 0) return std::nullopt;
  figures.mean /= static_cast<double>(figures.known);
  return figures;
}

Outlook OutlookOf(const DayView& day, std::size_t minutes) {
  Outlook outlook;
  std::optional<double> entries, limit;
  if (const auto* series = day.Find(kEntriesSubject)) {
    const auto window = Window(*series, minutes);
    entries = LastOf(window);
    if (const auto slope = SlopeOf(window)) outlook.growth_an_hour = *slope * kHourMinutes;
    if (const auto figures = PeakAndMeanOf(day, *series, minutes)) {
      const auto peak = static_cast<std::uint64_t>(std::llround(figures->peak));
      if (peak > 0) outlook.limit_by_peak = LimitByPeak(peak);
    }
  }
  if (const auto* series = day.Find(kLimitSubject)) limit = LastOf(Window(*series, minutes));
  SetFull(entries, limit, outlook);
  return outlook;
}

std::vector<DayRow> DayRows(const DayView& day, std::size_t minutes) {
  std::vector<DayRow> rows;
  for (const auto& series : day.series) {
    auto row = RowOf(day, series, minutes);
    const bool flows = series.subject == kFlowsSubject;
    if (flows && row.time.empty() && series.name != kOther) continue;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> DaySentences(const DayView& day, std::size_t minutes) {
  const auto* entries = day.Find(kEntriesSubject);
  const auto figures = entries ? PeakAndMeanOf(day, *entries, minutes) : std::nullopt;
  if (!figures) return {"No minute of it is known."};
  const auto outlook = OutlookOf(day, minutes);
  std::vector<std::string> sentences = {"Entries are known for " + std::to_string(figures->known) +
                                        " of " + std::to_string(minutes) + " minutes."};
  sentences.push_back(
      "Growth an hour: " +
      (outlook.growth_an_hour ? GrowthText(*outlook.growth_an_hour) : "unknown, not enough data") +
      ".");
  if (const auto seconds = outlook.full_in_seconds) {
    const auto now = day.begin + static_cast<std::int64_t>(day.minutes()) * kMinute;
    sentences.push_back(*seconds == 0 ? "Full: now."
                                      : "Full: in about " + About(*seconds) +
                                            (*seconds < kDay
                                                 ? ", at " + ClockTime(now + std::llround(*seconds))
                                                 : std::string()) +
                                            ", if it goes on like this.");
  } else {
    sentences.push_back("Full: " + outlook.not_full + ".");
  }
  if (const auto limit = outlook.limit_by_peak) {
    sentences.push_back("Limit for 150 % of the peak: " + Grouped(*limit) + ".");
  }
  return sentences;
}

std::string ClockTime(std::int64_t seconds_since_1970) {
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  const auto second = (seconds_since_1970 % kDay + kDay) % kDay;
  return two(second / kHour) + ":" + two(second % kHour / kMinute);
}

std::string Amount(double value) {
  if (value >= 10 || value == std::floor(value)) {
    return Grouped(static_cast<std::uint64_t>(std::llround(value)));
  }
  return Fixed(value, value < 1 ? 2 : 1);
}

}  // namespace conntrack
