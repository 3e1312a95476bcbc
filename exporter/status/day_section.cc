#include <algorithm>
#include <functional>

#include "diagnosis/day_figures.h"
#include "diagnosis/format.h"
#include "exporter/status/day_charts.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

/// Number of pairs with their own area in a chart.
constexpr std::size_t kChartPairs = 5;
/// With a lower peak, the chart up to the limit would be flat.
constexpr double kLeastPeak = 0.2;

/// Class of the flows without their own colour.
constexpr const char* kOtherStyle = "s5";

bool KnownIn(const DayView& day, const DaySeries* series, const ChartWindow& window) {
  return series != nullptr && PeakAndMeanOf(day, *series, window.minutes);
}

/// Returns a chart, or, if its first series is unknown, the reason.
Html ChartOr(const char* unknown, const std::string& title, const std::string& description,
             const DayView& day, const ChartWindow& window,
             const std::vector<ChartSeries>& series) {
  if (!KnownIn(day, series.front().series, window)) {
    return Note(Element("b", title + ", " + window.title + ": unknown") + ", " + unknown);
  }
  return Chart(title, description, day, window, series);
}

Html EntriesChart(const DayView& day, const ChartWindow& window) {
  const auto* entries = day.Find(kEntriesSubject);
  const auto* limit = day.Find(kLimitSubject);
  std::vector<ChartSeries> series = {{entries, Mark::kRange, "entries"}};
  std::string description = "mean, minimum to maximum";
  if (KnownIn(day, entries, window) && KnownIn(day, limit, window)) {
    const auto peak = PeakAndMeanOf(day, *entries, window.minutes)->peak;
    const auto highest = PeakAndMeanOf(day, *limit, window.minutes)->peak;
    if (highest > 0 && peak >= kLeastPeak * highest) {
      series.push_back({limit, Mark::kLine, "limit"});
      description += "; dashed: the limit";
    } else if (highest > 0) {
      description += "; the limit, " + Amount(highest) + ", is far above";
    }
  }
  return ChartOr("nf_conntrack_count could not be read", "Entries", description, day, window,
                 series);
}

/// The pairs of the day with one colour each, the largest first, and a series of all others last.
struct FlowStack {
  std::vector<const DaySeries*> pairs;
  DaySeries others;

  [[nodiscard]] std::string StyleOf(const std::string& name) const {
    const auto found = std::ranges::find(pairs, name, &DaySeries::name);
    return found == pairs.end() ? kOtherStyle : "s" + std::to_string(found - pairs.begin());
  }
};

FlowStack StackOf(const DayView& day) {
  FlowStack stack;
  for (const auto& series : day.series) {
    if (series.subject != kFlowsSubject) continue;
    if (series.name == kOther) {
      stack.others = series;
    } else if (PeakAndMeanOf(day, series, kDayMinutes)) {
      stack.pairs.push_back(&series);
    }
  }
  std::ranges::stable_sort(stack.pairs, std::greater{}, [&](const DaySeries* series) {
    return PeakAndMeanOf(day, *series, kDayMinutes)->peak;
  });
  while (stack.pairs.size() > kChartPairs) {
    const auto& minutes = stack.pairs.back()->minutes;
    for (std::size_t i = 0; i < minutes.size(); ++i) {
      if (minutes[i].known()) stack.others.minutes[i].mean += minutes[i].mean;
    }
    stack.pairs.pop_back();
  }
  return stack;
}

Html FlowsChart(const FlowStack& stack, const DayView& day, const ChartWindow& window) {
  std::vector<ChartSeries> series;
  for (const auto* pair : stack.pairs) {
    series.push_back({pair, Mark::kStack, stack.StyleOf(pair->name)});
  }
  series.push_back({&stack.others, Mark::kStack, kOtherStyle});
  if (!KnownIn(day, &stack.others, window)) {
    return Note(Element("b", "Flows, " + window.title + ": unknown") +
                ", no scrape has walked the table; nothing else walks it for this");
  }
  return Chart("Flows", "means, stacked; recorded from walks for scrapes and for this page", day,
               window, series);
}

Html LossChart(const DayView& day, const ChartWindow& window) {
  return ChartOr("the counters could not be read, or have not been read twice",
                 "Packets lost a second", "mean, minimum to maximum; dashed: entries evicted", day,
                 window,
                 {{day.Find(kLostSubject, kLostInAll), Mark::kRange, "loss"},
                  {day.Find(kEvictedSubject), Mark::kLine, "evicted"}});
}

Html FigureTable(const FlowStack& stack, const DayView& day, const ChartWindow& window) {
  Html rows;
  for (const auto& row : DayRows(day, window.minutes)) {
    auto name = Html(row.label);
    if (row.subject == kFlowsSubject) {
      name = Element("span", {{"class", "swatch " + stack.StyleOf(row.name)}}, {}) + name;
    }
    rows += Element("tr", Element("th", {{"scope", "row"}}, name) + Figure(row.peak) +
                              Figure(row.time) + Figure(row.mean));
  }
  return Table(HeadRow("Figures of the " + window.title, {"peak", "at (UTC)", "average"}), rows);
}

Html WindowOf(const FlowStack& stack, const DayView& day, const ChartWindow& window) {
  auto html = EntriesChart(day, window);
  Html sentences;
  for (const auto& sentence : DaySentences(day, window.minutes)) {
    sentences += Element("li", sentence);
  }
  html += Element("ul", {{"class", "plain note"}}, sentences);
  html += FlowsChart(stack, day, window) + LossChart(day, window) + FigureTable(stack, day, window);
  return Element("div", html);
}

}  // namespace

Html LastDay(const StatusPage& page) {
  constexpr const char* kTitle = "The last day";
  const auto& day = page.day;
  if (day.minutes() == 0) return Section(kTitle, Note("No minute of it is known."));
  const auto stack = StackOf(day);
  const auto windows = WindowOf(stack, day, {"last hour", kHourMinutes, 1}) +
                       WindowOf(stack, day, {"last day", kDayMinutes, 5});
  return Section(kTitle,
                 Element("div", {{"class", "windows"}}, windows) +
                     Note("The exporter has kept this data in memory since it started. Grey: "
                          "no data. In the chart of the last day, a column is five "
                          "minutes. Growth and time until full are estimates."));
}

}  // namespace conntrack::exporter::status
