// What the sections of the page are made of.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "diagnosis/flow_rows.h"
#include "exporter/status/html.h"
#include "kernel/result.h"

namespace conntrack::exporter::status {

/// Shares of a limit that are marked as a warning and as critical.
inline constexpr double kWarningShare = 0.80;
inline constexpr double kCriticalShare = 0.90;

/// "ok", "warning" or "critical", the classes of the style sheet.
[[nodiscard]] std::string ToneOf(double share);

/// 0 of 0 is 0.
[[nodiscard]] double ShareOf(std::uint64_t part, std::uint64_t whole);

/// "37.50%", held within the bar, for an attribute of SVG.
[[nodiscard]] std::string Length(double share);

/// <section> with a heading.
[[nodiscard]] Html Section(const std::string& title, const Html& content);

/// A cell with a figure in it.
[[nodiscard]] Html Figure(const std::string& text);

/// The first cell of a row: a name on a bar, in a tone or in the plain colour. The bar is hidden
/// from screen readers, as the row has its figure.
[[nodiscard]] Html NameOnBar(const std::string& name, double share, const std::string& tone = "");

/// The head of a table: a heading as its first cell, and the titles of the other columns.
[[nodiscard]] Html HeadRow(const std::string& title, std::initializer_list<const char*> columns);

/// <table> of rows of flows: name on a bar, flows, their share of `all`, and what else a row has
/// where there are more than two `columns`.
[[nodiscard]] Html FlowTable(const std::string& title, std::initializer_list<const char*> columns,
                             const std::vector<FlowRow>& rows, std::uint64_t all);

[[nodiscard]] Html Table(const Html& head, const Html& rows);

/// A paragraph: what is unknown, why, and what to do about it.
[[nodiscard]] Html Unknown(const Error& why);

/// "→ --collector.x"; nothing for an empty one.
[[nodiscard]] Html Remedy(const std::string& remedy);

/// A state as a word in a frame.
[[nodiscard]] Html Chip(const std::string& tone, const std::string& word);

/// A paragraph in small letters.
[[nodiscard]] Html Note(const Html& content);

}  // namespace conntrack::exporter::status
