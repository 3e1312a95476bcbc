// What the minutes of a day amount to: peaks, averages, growth, and when the table would be full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/day_history.h"

namespace conntrack {

/// Fewer known minutes show no growth.
inline constexpr std::size_t kLeastMinutes = 5;

/// Of one series in a window: its last `minutes`.
struct PeakAndMean {
  double peak = 0;
  std::int64_t peak_time = 0;  ///< The minute of it: seconds since 1970.
  double mean = 0;             ///< Over the known minutes.
  std::size_t known = 0;       ///< Minutes.
};

/// Nothing where no minute is known.
[[nodiscard]] std::optional<PeakAndMean> PeakAndMeanOf(const DayView& day, const DaySeries& series,
                                                       std::size_t minutes);

/// Where the entries go. Estimates, from the last `minutes` of the day.
struct Outlook {
  std::optional<double> growth_an_hour;  ///< Of the line through the means, by least squares.
  std::optional<double> full_in_seconds;
  std::string not_full;                        ///< Where that is absent: "not within 30 d".
  std::optional<std::uint64_t> limit_by_peak;  ///< 150 % of the peak; absent where that is 0.
};

[[nodiscard]] Outlook OutlookOf(const DayView& day, std::size_t minutes);

/// A line of a table: what it is, and its peak, time of the peak and average as text.
struct DayRow {
  std::string subject;
  std::string name;   ///< As of the series.
  std::string label;  ///< "lost: table full /s"
  std::string peak;
  std::string time;  ///< Empty where the peak is 0.
  std::string mean;
};

/// \brief  The window as a person reads it. What is unknown has "unknown" for its figures, and
/// flows of which none was seen have no row.
[[nodiscard]] std::vector<DayRow> DayRows(const DayView& day, std::size_t minutes);

/// The outlook in sentences, and how many of the minutes are known.
[[nodiscard]] std::vector<std::string> DaySentences(const DayView& day, std::size_t minutes);

/// "11:05", UTC.
[[nodiscard]] std::string ClockTime(std::int64_t seconds_since_1970);

/// A count or a rate: "1,234" from 10 on, "2.5", "0.07".
[[nodiscard]] std::string Amount(double value);

}  // namespace conntrack
