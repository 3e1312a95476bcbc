// Elements of the status page.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "diagnosis/flow_rows.h"
#include "exporter/status/html.h"
#include "kernel/result.h"

namespace conntrack::exporter::status {

/// Shares of a limit from which on it is marked as warning or critical.
inline constexpr double kWarningShare = 0.80;
inline constexpr double kCriticalShare = 0.90;

/// Returns "ok", "warning" or "critical", classes of the style sheet.
[[nodiscard]] std::string ToneOf(double share);

/// Returns 0 if `whole` is 0.
[[nodiscard]] double ShareOf(std::uint64_t part, std::uint64_t whole);

/// Returns "37.50%", clamped to 0 to 100 %, for an SVG attribute.
[[nodiscard]] std::string Length(double share);

/// <section> with a heading.
[[nodiscard]] Html Section(const std::string& title, const Html& content);

/// A cell with a number.
[[nodiscard]] Html Figure(const std::string& text);

/// The first cell of a row: a name on a bar, coloured by `tone` or plain. The bar is hidden from
/// screen readers, because the row has the number.
[[nodiscard]] Html NameOnBar(const std::string& name, double share, const std::string& tone = "");

/// The head of a table: a heading as its first cell, and the titles of the other columns.
[[nodiscard]] Html HeadRow(const std::string& title, std::initializer_list<const char*> columns);

/// <table> of rows of flows: name on a bar, flows, their share of `all`, and FlowRow::more if there
/// are more than two `columns`.
[[nodiscard]] Html FlowTable(const std::string& title, std::initializer_list<const char*> columns,
                             const std::vector<FlowRow>& rows, std::uint64_t all);

[[nodiscard]] Html Table(const Html& head, const Html& rows);

/// A paragraph: what is unknown, why, and the remedy.
[[nodiscard]] Html Unknown(const Error& why);

/// "→ --collector.x"; empty if `remedy` is empty.
[[nodiscard]] Html Remedy(const std::string& remedy);

/// A state as a word in a frame.
[[nodiscard]] Html Chip(const std::string& tone, const std::string& word);

/// A paragraph in small print.
[[nodiscard]] Html Note(const Html& content);

}  // namespace conntrack::exporter::status
