#include "exporter/status/day_charts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "diagnosis/day_figures.h"
#include "diagnosis/format.h"

namespace conntrack::exporter::status {
namespace {

using Columns = std::vector<MinuteFigures>;

constexpr double kChartHeight = 100;
constexpr std::int64_t kSecondsOfMinute = 60;

/// Lower and upper edge of an area, or of a line, per column.
struct Edges {
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<bool> known;
};

/// Coordinates in a chart of height `top`.
class Path {
 public:
  explicit Path(double top) : top_(top) {}

  /// Draws each run of known columns in steps, so that a single column has the width of one minute.
  Path& Line(const std::vector<double>& heights, const std::vector<bool>& known) {
    return Runs(known, [&](std::size_t begin, std::size_t end) {
      Move(begin, heights[begin]);
      for (auto i = begin; i < end; ++i) Step(i + 1, heights[i]);
    });
  }
  Path& Area(const Edges& edges) {
    return Runs(edges.known, [&](std::size_t begin, std::size_t end) {
      Move(begin, edges.lower[begin]);
      for (auto i = begin; i < end; ++i) Step(i + 1, edges.upper[i]);
      for (auto i = end; i > begin; --i) Step(i - 1, edges.lower[i - 1]);
      text_ += 'Z';
    });
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  template <class Draw>
  Path& Runs(const std::vector<bool>& known, Draw&& draw) {
    for (std::size_t i = 0; i < known.size();) {
      if (!known[i]) {
        ++i;
        continue;
      }
      const auto begin = i;
      while (i < known.size() && known[i]) ++i;
      draw(begin, i);
    }
    return *this;
  }
  void Move(std::size_t x, double height) {
    text_.append("M").append(std::to_string(x)).append(" ").append(Y(height));
  }
  void Step(std::size_t x, double height) {
    text_.append("V").append(Y(height)).append("H").append(std::to_string(x));
  }
  [[nodiscard]] std::string Y(double height) const {
    return Fixed(kChartHeight * (1 - std::clamp(height / top_, 0.0, 1.0)), 1);
  }

  double top_;
  std::string text_;
};

std::vector<double> Values(const Columns& columns, float MinuteFigures::*figure) {
  std::vector<double> values;
  for (const auto& column : columns) values.push_back(column.known() ? column.*figure : 0);
  return values;
}

std::vector<bool> Known(const Columns& columns) {
  std::vector<bool> known;
  for (const auto& column : columns) known.push_back(column.known());
  return known;
}

Html PathElement(const std::string& style, const Path& path) {
  return path.text().empty() ? Html() : Element("path", {{"class", style}, {"d", path.text()}}, {});
}

/// The drawing of one chart, series by series.
class Drawing {
 public:
  Drawing(const ChartWindow& window, const std::vector<ChartSeries>& series) {
    for (const auto& one : series) columns_.push_back(ColumnsOf(*one.series, window));
    stacked_ = !series.empty() && series.front().mark == Mark::kStack;
    known_ = Known(stacked_ ? columns_.back() : columns_.front());
    std::vector<double> sums(known_.size());
    for (const auto& columns : columns_) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].known()) continue;
        sums[i] =
            stacked_ ? sums[i] + columns[i].mean : std::max<double>(sums[i], columns[i].maximum);
      }
    }
    top_ = RoundNumberFrom(*std::ranges::max_element(sums));
    for (std::size_t i = 0; i < series.size(); ++i) Draw(series[i], columns_[i]);
  }

  [[nodiscard]] double top() const { return top_; }

  [[nodiscard]] Html Svg(const std::string& label) const {
    const auto width = std::to_string(known_.size());
    auto unknown = known_;
    unknown.flip();
    const std::vector<double> nothing(known_.size()), all(known_.size(), top_);
    const auto grid = "M0 0H" + width + "M0 50H" + width + "M0 100H" + width;
    return Element("svg",
                   {{"viewBox", "0 0 " + width + " 100"},
                    {"preserveAspectRatio", "none"},
                    {"role", "img"},
                    {"aria-label", label}},
                   PathElement("gap", Path(top_).Area({nothing, all, unknown})) + areas_ +
                       Element("path", {{"class", "grid"}, {"d", grid}}, {}) + lines_);
  }

 private:
  void Draw(const ChartSeries& series, const Columns& columns) {
    const auto means = Values(columns, &MinuteFigures::mean);
    if (series.mark == Mark::kStack) {
      auto upper = stack_.empty() ? means : stack_;
      for (std::size_t i = 0; i < stack_.size(); ++i) upper[i] += means[i];
      const auto lower = stack_.empty() ? std::vector<double>(means.size()) : stack_;
      areas_ += PathElement(series.style, Path(top_).Area({lower, upper, known_}));
      stack_ = std::move(upper);
      return;
    }
    if (series.mark == Mark::kRange) {
      areas_ +=
          PathElement("range " + series.style,
                      Path(top_).Area({Values(columns, &MinuteFigures::minimum),
                                       Values(columns, &MinuteFigures::maximum), Known(columns)}));
    }
    lines_ += PathElement("line " + series.style, Path(top_).Line(means, Known(columns)));
  }

  std::vector<Columns> columns_;
  std::vector<bool> known_;
  std::vector<double> stack_;
  bool stacked_ = false;
  double top_ = 1;
  Html areas_;
  Html lines_;
};

/// Three labels, from top to bottom or from left to right.
Html Axis(const char* kind, const std::string& first, const std::string& middle,
          const std::string& last) {
  return Element("div", {{"class", kind}, {"aria-hidden", "true"}},
                 Element("span", first) + Element("span", middle) + Element("span", last));
}

}  // namespace

Html Chart(const std::string& title, const std::string& description, const DayView& day,
           const ChartWindow& window, const std::vector<ChartSeries>& series) {
  const Drawing drawing(window, series);
  const auto span = static_cast<std::int64_t>(window.minutes) * kSecondsOfMinute;
  const auto end = day.begin + static_cast<std::int64_t>(day.minutes()) * kSecondsOfMinute;
  const auto plot =
      Axis("y", Amount(drawing.top()), Amount(drawing.top() / 2), "0") +
      drawing.Svg(title + ", " + window.title + ": " + description) +
      Axis("x", ClockTime(end - span), ClockTime(end - span / 2),
           ClockTime(end - kSecondsOfMinute) + " UTC");  // the minute still in progress
  return Element("figure", Element("figcaption",
                                   Element("b", title + ", " + window.title) + " " + description) +
                               Element("div", {{"class", "plot"}}, plot));
}

std::vector<MinuteFigures> ColumnsOf(const DaySeries& series, const ChartWindow& window) {
  Columns columns(window.minutes / window.column_minutes);
  std::vector<unsigned> known(columns.size());
  const auto& minutes = series.minutes;
  const auto shown = std::min(minutes.size(), window.minutes);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& minute = minutes[minutes.size() - shown + i];
    if (!minute.known()) continue;
    const auto index = (window.minutes - shown + i) / window.column_minutes;
    auto& column = columns[index];
    const auto before = static_cast<float>(known[index]++);
    if (before == 0) {
      column = minute;
      continue;
    }
    column.minimum = std::min(column.minimum, minute.minimum);
    column.maximum = std::max(column.maximum, minute.maximum);
    column.mean = (column.mean * before + minute.mean) / (before + 1);
  }
  return columns;
}

double RoundNumberFrom(double value) {
  if (!(value > 1)) return 1;
  double power = 1;
  while (true) {
    for (const double digit : {1, 2, 5}) {
      if (digit * power >= value) return digit * power;
    }
    power *= 10;
  }
}

}  // namespace conntrack::exporter::status
