// Charts of the last day as SVG.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/day_history.h"
#include "exporter/status/html.h"

namespace conntrack::exporter::status {

/// What the charts of a window show: its last `minutes`, in columns of so many each.
struct ChartWindow {
  std::string title;  ///< "last hour"
  std::size_t minutes = 0;
  std::size_t column_minutes = 1;
};

/// How a series is drawn, and its class in the style sheet.
enum class Mark {
  kRange,  ///< An area from the minimum to the maximum, and the mean as a line.
  kLine,   ///< The mean.
  kStack,  ///< An area as high as the mean, on those before it. Its unknown columns are 0 high
           ///< where the last of the stack is known.
};

struct ChartSeries {
  const DaySeries* series = nullptr;
  Mark mark = Mark::kLine;
  std::string style;  ///< "s0"
};

/// \brief  A chart with its axes: values from 0 to a round number above all that it shows, times in
/// UTC, grey where the first series, or the stack, is unknown.
///
/// The drawing is stretched to the width of the page, so its labels are text beside it. Nothing in
/// it is inline style, which the policy of the page forbids.
/// Threads and cost: pure; some 20 bytes a column and line.
[[nodiscard]] Html Chart(const std::string& title, const std::string& description,
                         const DayView& day, const ChartWindow& window,
                         const std::vector<ChartSeries>& series);

/// The last `window.minutes` in columns, the newest last. Columns before the first minute are
/// unknown.
[[nodiscard]] std::vector<MinuteFigures> ColumnsOf(const DaySeries& series,
                                                   const ChartWindow& window);

/// 1, 2 or 5 times a power of ten that is at least `value`, and at least 1.
[[nodiscard]] double RoundNumberFrom(double value);

}  // namespace conntrack::exporter::status
