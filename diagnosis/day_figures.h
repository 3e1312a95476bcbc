// Peaks, averages, growth and forecast of the last day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/day_history.h"

namespace conntrack {

/// Growth is unknown with fewer known minutes.
inline constexpr std::size_t kLeastMinutes = 5;

/// One series over a window: the last `minutes` of the day.
struct PeakAndMean {
  double peak = 0;
  std::int64_t peak_time = 0;  ///< Start of its minute: seconds since 1970.
  double mean = 0;             ///< Over the known minutes.
  std::size_t known = 0;       ///< Known minutes.
};

/// Returns std::nullopt if no minute is known.
[[nodiscard]] std::optional<PeakAndMean> PeakAndMeanOf(const DayView& day, const DaySeries& series,
                                                       std::size_t minutes);

/// Forecast of the number of entries, estimated from the last `minutes` of the day.
struct Outlook {
  std::optional<double> growth_an_hour;  ///< Least-squares slope of the minute means.
  std::optional<double> full_in_seconds;
  std::string not_full;  ///< Why full_in_seconds is absent: "not within 30 d".
  std::optional<std::uint64_t> limit_by_peak;  ///< 150 % of the peak; absent if the peak is 0.
};

[[nodiscard]] Outlook OutlookOf(const DayView& day, std::size_t minutes);

/// One row of a table: a series, its peak, the time of the peak, and its average, as text.
struct DayRow {
  std::string subject;
  std::string name;   ///< DaySeries::name.
  std::string label;  ///< As displayed: "lost: table full /s".
  std::string peak;
  std::string time;  ///< Empty if the peak is 0.
  std::string mean;
};

/// \brief  Returns the window as table rows. Unknown figures read "unknown". A pair of protocol and
/// state without flows in the window has no row.
[[nodiscard]] std::vector<DayRow> DayRows(const DayView& day, std::size_t minutes);

/// Returns the outlook as sentences, and the number of known minutes.
[[nodiscard]] std::vector<std::string> DaySentences(const DayView& day, std::size_t minutes);

/// Returns "11:05", in UTC.
[[nodiscard]] std::string ClockTime(std::int64_t seconds_since_1970);

/// Formats a count or a rate: "1,234" from 10 on, "2.5", "0.07".
[[nodiscard]] std::string Amount(double value);

}  // namespace conntrack
