// What the sections of the page are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "diagnosis/format.h"
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

/// A bar that is filled to a share of 1, in a tone or in the plain colour. Screen readers pass over
/// it: its figure stands beside it.
[[nodiscard]] Html Bar(double share, const std::string& tone = "");

/// <section> with a heading.
[[nodiscard]] Html Section(const std::string& title, const Html& content);

/// A cell with a figure in it.
[[nodiscard]] Html Figure(const std::string& text);

/// The first cell of a row: a name, on a bar of that share.
[[nodiscard]] Html NameOnBar(const std::string& name, double share, const std::string& tone = "");

/// A heading as the first cell of the head of a table, and the titles of the other columns.
[[nodiscard]] Html HeadRow(const std::string& title, std::initializer_list<const char*> columns);

/// Rows of the first `most` figures, whose `flows` count of `all`, and one of all others: of the
/// figures behind these, and of `others`. `name_of` is a figure's name, `more` what else its row has.
template <class Figures, class NameOf, class More>
Html RankedRows(const Figures& figures, std::uint64_t all, std::size_t most, std::uint64_t others,
                NameOf&& name_of, More&& more) {
  const auto cells = [all](const std::string& name, std::uint64_t flows) {
    return NameOnBar(name, ShareOf(flows, all)) + Figure(Grouped(flows)) +
           Figure(PercentOf(flows, all));
  };
  Html rows;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (i >= most) {
      others += figures[i].flows;
      continue;
    }
    rows += Element("tr", cells(name_of(figures[i]), figures[i].flows) + more(figures[i]));
  }
  if (others > 0) {
    rows += Element("tr", {{"class", "others"}}, cells("all others", others));
  }
  return rows;
}

/// <table> of a head and rows.
[[nodiscard]] Html Table(const Html& head, const Html& rows);

/// A paragraph: what is unknown, why, and what to do about it.
[[nodiscard]] Html Unknown(const Error& why);

/// "--collector.x" as code; nothing for an empty one.
[[nodiscard]] Html Remedy(const std::string& remedy);

/// A paragraph in small letters.
[[nodiscard]] Html Note(const Html& content);

}  // namespace conntrack::exporter::status
