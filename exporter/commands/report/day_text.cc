#include "exporter/commands/report/day_text.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <utility>

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

/// Returns the first and the last minute of a window. The last minute is still running.
std::pair<std::int64_t, std::int64_t> EndsOf(const DayView& day,
                                             const status::ChartWindow& window) {
  const auto last = day.begin + (static_cast<std::int64_t>(day.minutes()) - 1) * kMinuteSeconds;
  return {last - (static_cast<std::int64_t>(window.minutes) - 1) * kMinuteSeconds, last};
}

std::string DateOf(std::int64_t seconds_since_1970) {
  const auto time = static_cast<std::time_t>(seconds_since_1970);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::ostringstream date;
  date << std::put_time(&utc, "%Y-%m-%d");
  return date.str();
}

/// Returns "LAST DAY, 2026-01-30 to 2026-01-31".
std::string TitleOf(const DayView& day, const status::ChartWindow& window) {
  if (day.minutes() == 0) return window.title;
  const auto [first, last] = EndsOf(day, window);
  const auto from = DateOf(first), to = DateOf(last);
  return window.title + ", " + from + (from == to ? "" : " to " + to);
}

/// Draws the maxima of the entries as columns of '#'; '.' on the axis if unknown.
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
  const auto [first, last] = EndsOf(day, window);
  return text + "\n" + std::string(kAxisWidth + 2, ' ') +
         PadRight(ClockTime(first), columns.size() - 5) + ClockTime(last) + " UTC\n\n";
}

std::string WindowText(const DayView& day, const status::ChartWindow& window,
                       const TextStyle& style, const Paint& paint) {
  auto text = paint(kBold, TitleOf(day, window)) + "\n" + EntriesChart(day, window);
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
              "\nRecorded by the exporter since its start. '.' and unknown: no data.\n\n" +
              WindowText(day, {"LAST HOUR", kHourMinutes, 1}, style, paint) +
              WindowText(day, {"LAST DAY", kDayMinutes, 24}, style, paint);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace conntrack::exporter::report
