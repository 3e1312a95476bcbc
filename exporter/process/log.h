// The log: one line per event, logfmt or JSON, on standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace conntrack::exporter::log {

enum class Level { kDebug = 1, kInfo, kWarn, kError };  // values of spdlog
enum class Format { kLogfmt, kJson };

/// A key and its value. Printed after the message, in this order.
using Field = std::pair<std::string_view, std::string_view>;
using Fields = std::initializer_list<Field>;

/// Sets level and format. Call it once, before any other thread runs. The defaults are info and
/// logfmt.
void Configure(Level level, Format format);

/// Returns the line that Write() writes, without its newline. Message and values are made printable
/// (see printable_text.h); keys are literals.
[[nodiscard]] std::string Line(Format format, Level level, std::string_view message, Fields fields);

/// \brief  Writes one whole line, with time (UTC, milliseconds), level, message and fields.
/// Fields with an empty value are omitted.
/// Lines are truncated to 4095 bytes. If standard error is a full pipe, lines are dropped; their
/// number is logged once there is room again.
/// Threads and cost: any thread; one write(2) per line; a line below the level costs one
/// comparison.
void Write(Level level, std::string_view message, Fields fields = {});

inline void Debug(std::string_view message, Fields fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(std::string_view message, Fields fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warn(std::string_view message, Fields fields = {}) {
  Write(Level::kWarn, message, fields);
}
inline void ErrorLine(std::string_view message, Fields fields = {}) {
  Write(Level::kError, message, fields);
}

}  // namespace conntrack::exporter::log
