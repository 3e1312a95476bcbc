// The log: one line an event, logfmt or JSON, on standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace conntrack::exporter::log {

enum class Level { kDebug = 1, kInfo, kWarn, kError };  // as spdlog has them
enum class Format { kLogfmt, kJson };

/// A key and its value, in the order in which they are to be printed after the message.
using Field = std::pair<std::string_view, std::string_view>;
using Fields = std::initializer_list<Field>;

/// Sets what is logged and how. Called once, before any other thread runs; until then: info,
/// logfmt.
void Configure(Level level, Format format);

/// The line that Write() writes, without its newline: message and values are made printable (see
/// printable_text.h), keys are literals.
[[nodiscard]] std::string Line(Format format, Level level, std::string_view message, Fields fields);

/// \brief  Writes one line, whole, with time (UTC, milliseconds), level, message and fields.
/// A line above 4095 bytes is cut. If standard error is a pipe that nobody reads, lines are
/// dropped; their number is logged once there is room again.
/// Threads and cost: any thread; one write(2) a line; a line below the level costs a comparison.
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
