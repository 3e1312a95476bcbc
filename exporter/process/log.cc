#include "exporter/process/log.h"

#include <poll.h>
#include <spdlog/fmt/chrono.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <climits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "exporter/process/printable_text.h"

namespace conntrack::exporter::log {
namespace {

std::atomic<Format> g_format{Format::kLogfmt};

std::mutex g_mutex;
std::uint64_t g_dropped = 0;  // guarded by g_mutex

/// With the newline, this is what a pipe accepts without blocking once poll(2) reports room.
constexpr std::size_t kLongest = PIPE_BUF - 1;

/// Returns false if the reader does not keep up. Lines are then dropped, because a reading or a
/// request that waited for the log would hang.
bool StderrHasRoom() {
  pollfd stream{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&stream, 1, 0) == 1;
}

/// spdlog provides the sink, its lock and the level. The line is formatted here, because it has
/// fields.
spdlog::logger& Logger() {
  static spdlog::logger logger = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    spdlog::logger made("conntrack_exporter", std::move(sink));
    made.flush_on(spdlog::level::debug);
    return made;
  }();
  return logger;
}

spdlog::level::level_enum LevelOf(Level level) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(level));
}

std::string_view NameOf(Level level) {
  static constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warn", "error"};
  return kNames.at(static_cast<std::size_t>(level) - static_cast<std::size_t>(Level::kDebug));
}

std::string Now() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), milliseconds);
}

/// JSON escapes are also valid in logfmt.
std::string Quoted(std::string_view text) { return PrintableJson(text); }

bool NeedsQuotes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\';
  });
}

std::string LogfmtLine(Level level, std::string_view message, Fields fields) {
  std::string line = "time=" + Now() + " level=";
  line += NameOf(level);
  line += " msg=" + Quoted(message);
  for (const auto& [key, value] : fields) {
    if (value.empty()) continue;
    line += ' ';
    line += key;
    line += '=';
    line += NeedsQuotes(value) ? Quoted(value) : std::string(value);
  }
  return line;
}

std::string JsonLine(Level level, std::string_view message, Fields fields) {
  nlohmann::ordered_json line;
  line["time"] = Now();
  line["level"] = NameOf(level);
  line["msg"] = message;
  for (const auto& [key, value] : fields) {
    if (!value.empty()) line[std::string(key)] = value;
  }
  return PrintableJson(std::move(line));
}

}  // namespace

void Configure(Level level, Format format) {
  Logger().set_level(LevelOf(level));
  g_format = format;
}

std::string Line(Format format, Level level, std::string_view message, Fields fields) {
  return format == Format::kJson ? JsonLine(level, message, fields)
                                 : LogfmtLine(level, message, fields);
}

void Write(Level level, std::string_view message, Fields fields) {
  auto& logger = Logger();
  if (!logger.should_log(LevelOf(level))) return;
  const auto whole = Line(g_format, level, message, fields);
  const auto line = FirstBytes(whole, kLongest);
  const std::lock_guard lock(g_mutex);
  if (!StderrHasRoom()) {
    ++g_dropped;
    return;
  }
  if (const auto dropped = std::exchange(g_dropped, 0); dropped > 0) {
    const auto number = std::to_string(dropped);
    logger.warn(fmt::string_view("{}"),
                Line(g_format, Level::kWarn, "log lines were dropped", {{"lines", number}}));
    if (!StderrHasRoom()) return;
  }
  logger.log(LevelOf(level), fmt::string_view("{}"), line);
}

}  // namespace conntrack::exporter::log
