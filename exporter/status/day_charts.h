// SVG charts of the last day.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/day_history.h"
#include "exporter/status/html.h"

namespace conntrack::exporter::status {

/// The window of a chart: its last `minutes`, in columns of `column_minutes`.
struct ChartWindow {
  std::string title;  ///< "last hour"
  std::size_t minutes = 0;
  std::size_t column_minutes = 1;
};

/// How a series is drawn, and its class in the style sheet.
enum class Mark {
  kRange,  ///< An area from minimum to maximum, and a line for the mean.
  kLine,   ///< A line for the mean.
  kStack,  ///< An area with the height of the mean, on top of the previous ones. Unknown
           ///< columns have height 0 if the last series of the stack is known.
};

struct ChartSeries {
  const DaySeries* series = nullptr;
  Mark mark = Mark::kLine;
  std::string style;  ///< "s0"
};

/// \brief  Returns a chart with axes: values from 0 to a round number above all values, times in
/// UTC. It is grey where the first series, or the stack, is unknown.
///
/// The drawing is stretched to the width of the page, so its labels are text beside it. It has no
/// inline style, which the content security policy of the page forbids.
/// Threads and cost: pure; about 20 bytes per column and line.
[[nodiscard]] Html Chart(const std::string& title, const std::string& description,
                         const DayView& day, const ChartWindow& window,
                         const std::vector<ChartSeries>& series);

/// Returns the last `window.minutes` in columns, the newest last. Columns before the first minute
/// are unknown.
[[nodiscard]] std::vector<MinuteFigures> ColumnsOf(const DaySeries& series,
                                                   const ChartWindow& window);

/// Returns 1, 2 or 5 times a power of ten that is at least `value`, and at least 1.
[[nodiscard]] double RoundNumberFrom(double value);

}  // namespace conntrack::exporter::status
