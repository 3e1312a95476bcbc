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

/// From here on a share of a limit is marked as a warning, and as critical.
inline constexpr double kWarningShare = 0.80;
inline constexpr double kCriticalShare = 0.90;

/// "ok", "warning" or "critical", the classes of the style sheet.
[[nodiscard]] std::string ToneOf(double share);

/// Part of whole, where that is not nothing.
[[nodiscard]] double ShareOf(std::uint64_t part, std::uint64_t whole);

/// "37.50%", held within the bar, for an attribute of SVG.
[[nodiscard]] std::string Length(double share);

/// <section> with a heading.
[[nodiscard]] Html Section(const std::string& title, const Html& content);

/// A cell with a figure in it.
[[nodiscard]] Html Figure(const std::string& text);

/// The first cell of a row: a name, on a bar of that share, in a tone or in the plain colour. Screen
/// readers pass over the bar: its figure stands beside it.
[[nodiscard]] Html NameOnBar(const std::string& name, double share, const std::string& tone = "");

/// A heading as the first cell of the head of a table, and the titles of the other columns.
[[nodiscard]] Html HeadRow(const std::string& title, std::initializer_list<const char*> columns);

/// <table> of rows of flows: name on a bar, flows, their share of `all`, and what else a row has
/// where there are more than two `columns`.
[[nodiscard]] Html FlowTable(const std::string& title, std::initializer_list<const char*> columns,
                             const std::vector<FlowRow>& rows, std::uint64_t all);

/// <table> of a head and rows.
[[nodiscard]] Html Table(const Html& head, const Html& rows);

/// A paragraph: what is unknown, why, and what to do about it.
[[nodiscard]] Html Unknown(const Error& why);

/// "--collector.x" as code; nothing for an empty one.
[[nodiscard]] Html Remedy(const std::string& remedy);

/// A word in a frame, in a tone: how something is.
[[nodiscard]] Html Chip(const std::string& tone, const std::string& word);

/// A paragraph in small letters.
[[nodiscard]] Html Note(const Html& content);

}  // namespace conntrack::exporter::status
