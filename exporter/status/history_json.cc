#include "exporter/status/history_json.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "diagnosis/day_figures.h"
#include "exporter/process/printable_text.h"

namespace conntrack::exporter::status {
namespace {

using HistoryJson = nlohmann::ordered_json;

constexpr int kHistorySchema = 1;
/// Above any number of entries and any time.
constexpr double kMost = 1e12;

struct Column {
  const char* key;
  float MinuteFigures::*figure;
};
constexpr std::array<Column, 3> kColumns = {{{"minima", &MinuteFigures::minimum},
                                             {"means", &MinuteFigures::mean},
                                             {"maxima", &MinuteFigures::maximum}}};

/// Writes text directly: tens of thousands of JSON values would take megabytes.
void AppendColumn(const DaySeries& series, const Column& column, std::string& text) {
  text.append(",\"").append(column.key).append("\":[");
  std::array<char, 32> number{};
  for (const auto& minute : series.minutes) {
    if (minute.known()) {
      const auto end =
          std::to_chars(number.data(), number.data() + number.size(), minute.*column.figure).ptr;
      text.append(number.data(), end);
    } else {
      text += "null";
    }
    text += ',';
  }
  if (text.back() == ',') text.pop_back();
  text += ']';
}

/// Returns `json` without its closing brace, so that more can be appended.
std::string Unclosed(HistoryJson json) {
  auto text = PrintableJson(std::move(json));
  text.pop_back();
  return text;
}

HistoryJson WindowJson(const DayView& day, const DaySeries& series, std::size_t minutes) {
  const auto figures = PeakAndMeanOf(day, series, minutes);
  if (!figures) return nullptr;
  HistoryJson json = {{"peak", figures->peak},
                      {"peak_time", figures->peak_time},
                      {"mean", figures->mean},
                      {"known_minutes", figures->known}};
  if (series.subject == kEntriesSubject) {
    const auto outlook = OutlookOf(day, minutes);
    const auto add = [&json](const char* key, const auto& value) {
      json[key] = value ? HistoryJson(*value) : HistoryJson(nullptr);
    };
    add("growth_an_hour", outlook.growth_an_hour);
    add("full_in_seconds", outlook.full_in_seconds);
    add("limit_for_150_percent_of_peak", outlook.limit_by_peak);
  }
  return json;
}

MinuteFigures MinuteOf(const HistoryJson& series, std::size_t index) {
  MinuteFigures minute;
  for (const auto& [key, figure] : kColumns) {
    const auto& value = series.at(key).at(index);
    if (value.is_null()) continue;
    const auto number = value.get<double>();
    if (!(number >= 0 && number <= kMost)) throw std::out_of_range("a value out of range");
    minute.*figure = static_cast<float>(number);
  }
  // If the mean is known, all three are. A mean of floats may be slightly out of range.
  const bool in_order = minute.minimum <= minute.maximum;
  if (minute.known() != in_order) throw std::out_of_range("a minute that is not whole");
  if (minute.known()) minute.mean = std::clamp(minute.mean, minute.minimum, minute.maximum);
  return minute;
}

History Read(const HistoryJson& json) {
  History history{{json.at("host").get<std::string>(), json.at("kernel").get<std::string>(),
                   json.at("time").get<std::string>()},
                  {json.at("begin").get<std::int64_t>(), {}}};
  for (const auto* key : {"begin", "minutes"}) {
    if (!json.at(key).is_number_integer()) throw std::out_of_range(key + std::string(" is broken"));
  }
  const auto minutes = json.at("minutes").get<std::int64_t>();
  if (minutes < 0 || minutes > std::int64_t{kDayMinutes})
    throw std::out_of_range("too many minutes");
  const auto begin = static_cast<double>(history.day.begin);
  if (begin < 0 || begin > kMost) throw std::out_of_range("begin out of range");
  for (const auto& series : json.at("series")) {
    auto& one = history.day.series.emplace_back(DaySeries{
        series.at("subject").get<std::string>(), series.at("name").get<std::string>(), {}});
    for (std::int64_t i = 0; i < minutes; ++i)
      one.minutes.push_back(MinuteOf(series, static_cast<std::size_t>(i)));
  }
  return history;
}

}  // namespace

std::string RenderHistoryJson(const report::Heading& heading, const DayView& day) {
  auto text = Unclosed({{"schema", kHistorySchema},
                        {"time", heading.time},
                        {"host", heading.host},
                        {"kernel", heading.kernel},
                        {"begin", day.begin},
                        {"minutes", day.minutes()}});
  text += ",\"series\":[";
  const char* between = "\n";
  for (const auto& series : day.series) {
    text += between;
    text += Unclosed({{"subject", series.subject},
                      {"name", series.name},
                      {"last_hour", WindowJson(day, series, kHourMinutes)},
                      {"last_day", WindowJson(day, series, kDayMinutes)}});
    for (const auto& column : kColumns) AppendColumn(series, column, text);
    text += '}';
    between = ",\n";
  }
  return text + "\n]}\n";
}

Result<History> ParseHistoryJson(std::string_view text) {
  const auto malformed = [](const std::string& what) {
    return Fail(ErrorKind::kMalformed, "not the history of an exporter: " + what,
                "check that an exporter of this version listens there");
  };
  try {
    const auto json = HistoryJson::parse(text);
    if (json.at("schema") != kHistorySchema) return malformed("its schema is another");
    return Read(json);
  } catch (const HistoryJson::parse_error&) {
    return malformed(text.empty() ? "it is empty" : "it is not JSON, or is cut short");
  } catch (const HistoryJson::exception&) {
    return malformed("a field is missing or of another type");
  } catch (const std::exception& exception) {
    return malformed(exception.what());
  }
}

}  // namespace conntrack::exporter::status
