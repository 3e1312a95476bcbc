#include "exporter/commands/report/day_text.h"

#include <algorithm>
#include <cmath>

#include "diagnosis/day_figures.h"
#include "diagnosis/format.h"
#include "exporter/commands/terminal.h"
#include "exporter/process/printable_text.h"
#include "exporter/status/day_charts.h"

namespace conntrack::exporter::report {
namespace {

constexpr std::size_t kChartRows = 6;
constexpr std::size_t kAxisWidth = 14;
constexpr std::int64_t kMinuteSeconds = 60;

/// The maxima of the entries as columns: '#', and '.' on the axis where they are unknown.
std::string EntriesChart(const DayView& day, const status::ChartWindow& window) {
  const auto* entries = day.Find(kEntriesSubject);
  if (entries == nullptr || !PeakAndMeanOf(day, *entries, window.minutes)) return "";
  const auto columns = status::ColumnsOf(*entries, window);
  const auto top = status::RoundNumberFrom(PeakAndMeanOf(day, *entries, window.minutes)->peak);
  std::string text;
  for (auto row = kChartRows; row > 0; --row) {
    const auto floor = top * static_cast<double>(row - 1) / kChartRows;
    auto line = PadLeft(row == kChartRows ? Amount(top) : "", kAxisWidth) + " |";
    for (const auto& column : columns) line += column.known() && column.maximum > floor ? '#' : ' ';
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  text += PadLeft("0", kAxisWidth) + " +";
  for (const auto& column : columns) text += column.known() ? '-' : '.';
  const auto end = day.begin + static_cast<std::int64_t>(day.minutes()) * kMinuteSeconds;
  const auto begin = end - static_cast<std::int64_t>(window.minutes) * kMinuteSeconds;
  return text + "\n" + std::string(kAxisWidth + 2, ' ') +
         PadRight(ClockTime(begin), columns.size() - 5) + ClockTime(end) + " UTC\n\n";
}

std::string WindowText(const DayView& day, const status::ChartWindow& window,
                       const TextStyle& style, const Paint& paint) {
  auto text = paint(kBold, window.title) + "\n" + EntriesChart(day, window);
  for (const auto& sentence : DaySentences(day, window.minutes)) {
    text += Wrap(sentence, style.width, "  ");
  }
  Table table{"", {"peak", "at (UTC)", "average"}, {}, true};
  for (const auto& row : DayRows(day, window.minutes)) {
    table.rows.push_back({row.label, row.peak, row.time, row.mean});
  }
  return text + "\n" + InColumns({table}, std::min<std::size_t>(style.width, 72), paint);
}

}  // namespace

std::string RenderDay(const Heading& heading, const DayView& day, const TextStyle& style) {
  const Paint paint(style.colour);
  auto text = "Connection tracking on " + PrintableText(heading.host) + ", Linux " +
              PrintableText(heading.kernel) + ", " + PrintableText(heading.time) +
              "\nAs the exporter has kept it since its start; '.' and unknown: not read.\n\n" +
              WindowText(day, {"LAST HOUR", kHourMinutes, 1}, style, paint) +
              WindowText(day, {"LAST DAY", kDayMinutes, 24}, style, paint);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace conntrack::exporter::report
