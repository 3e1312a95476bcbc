#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <utility>

#include "diagnosis/flow_rows.h"
#include "diagnosis/format.h"
#include "diagnosis/standing.h"
#include "exporter/commands/report/formats.h"
#include "exporter/commands/terminal.h"
#include "exporter/process/printable_text.h"

namespace conntrack::exporter::report {
namespace {

constexpr const char* kIndent = "  ";
constexpr std::size_t kLabelWidth = 10;
constexpr std::size_t kBarWidth = 20;
constexpr double kNoteworthyChain = 0.1;
constexpr double kSnatWorthShowing = 0.01;

/// Indexed by Severity.
constexpr std::array<const char*, 4> kSeverityColours = {kGreen, kCyan, kYellow, kRed};

std::string Diagnosis(const std::vector<Finding>& findings, const TextStyle& style,
                      const Paint& paint) {
  const std::string margin(kLabelWidth + 2, ' ');
  std::string text = paint(kBold, "DIAGNOSIS") + "\n";
  for (const auto& finding : findings) {
    std::string severity(ToString(finding.severity));
    std::transform(severity.begin(), severity.end(), severity.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    text += Wrap(finding.headline + " [" + std::string(finding.id) + "]", style.width,
                 kIndent +
                     paint(kSeverityColours[static_cast<std::size_t>(finding.severity)], severity) +
                     std::string(kLabelWidth - severity.size(), ' '));
    text += Wrap(Join(finding.evidence, "; "), style.width, margin);
    if (!finding.next.empty()) text += Wrap("-> " + finding.next, style.width, margin);
  }
  return text + "\n";
}

/// Names the namespace of the table, unless it is a plain host.
std::string PlaceLines(const kernel::Place& place, const TextStyle& style) {
  const auto elsewhere = WhyNotTheHost(place);
  if (!elsewhere && !place.container() && !place.kubernetes) return "";
  return Wrap(DescribePlace(place), style.width, "Place: ") +
         (elsewhere ? Wrap(elsewhere->message + ".", style.width, "") : "");
}

std::string Bar(double use) {
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(use, 0.0, 1.0) * static_cast<double>(kBarWidth)));
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, '-') + "]";
}

std::string EntriesText(const Situation& situation) {
  auto text = Grouped(*situation.entries);
  if (situation.limit) {
    text += *situation.limit == 0 ? ", no limit" : " of " + Grouped(*situation.limit);
  }
  const auto use = UseOf(situation);
  return use ? text + ", " + Percent(*use) + " " + Bar(*use) : text;
}

std::string BucketsText(const Situation& situation) {
  auto text = Grouped(*situation.buckets);
  const auto own = MeanChainOf(situation);
  if (own) text += ", mean chain " + Fixed(*own, 2);
  const auto host = HostMeanChainOf(situation);
  if (host && *host > own.value_or(0) + kNoteworthyChain) {
    text += " (" + Fixed(*host, 2) + " with all namespaces of the host)";
  }
  return text;
}

std::string MemoryText(const MemoryFigures& memory) {
  std::vector<std::string> parts;
  if (memory.entries) {
    parts.push_back(
        Bytes(*memory.entries) + " entries" +
        (memory.host_entries ? " (host " + Bytes(*memory.host_entries) + ")" : " (estimate)"));
  }
  if (memory.hash_table) parts.push_back(Bytes(*memory.hash_table) + " hash table");
  if (memory.at_limit) parts.push_back(Bytes(*memory.at_limit) + " if full");
  if (memory.machine) parts.push_back("RAM " + Bytes(*memory.machine));
  return Join(parts, ", ");
}

/// Returns "+1,200", "-3" or "0".
std::string Change(std::uint64_t before, std::uint64_t now) {
  if (now < before) return "-" + Grouped(before - now);
  return (now > before ? "+" : "") + Grouped(now - before);
}

std::string TableSection(const Situation& situation, const Situation* before,
                         const TextStyle& style, const Paint& paint) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += Wrap(value, style.width, kIndent + PadRight(name, kLabelWidth));
  };
  if (situation.entries) line("entries", EntriesText(situation));
  if (situation.entries && before != nullptr && before->entries) {
    line("change", Change(*before->entries, *situation.entries) + " since the previous report");
  }
  if (situation.buckets) line("buckets", BucketsText(situation));
  line("memory", MemoryText(situation.memory));
  return text.empty() ? text : paint(kBold, "TABLE") + "\n" + text + "\n";
}

std::vector<FlowRow> TimeoutRows(const FlowFigures& flows) {
  std::vector<FlowRow> rows;
  for (const auto& [seconds, count, states] : TimeoutSharesOf(flows)) {
    rows.push_back({(seconds ? Span(*seconds) : "none") + "  " + Join(states, ", "), count});
  }
  return rows;
}

/// A table of flows, before it is limited to the lines shown.
struct FlowList {
  std::string_view title;
  std::vector<FlowRow> rows;
  std::uint64_t all = 0;
  const char* more = nullptr;  ///< Title of the third column; null if there is none.
  std::uint64_t others = 0;    ///< Flows without a row.
  bool wide = false;
};

std::vector<FlowList> StateLists(const Situation& situation) {
  if (!situation.flows) return {};
  const auto& flows = *situation.flows;
  return {{"STATES", StateRows(flows), flows.flows, "timeout"},
          {"PROTOCOLS", ProtocolRows(flows), flows.flows, "unreplied"},
          {"FLOWS BY TIMEOUT", TimeoutRows(flows), flows.flows}};
}

std::vector<FlowList> TalkerLists(const Situation& situation) {
  if (!situation.talkers) return {};
  std::vector<FlowList> lists;
  const auto add = [&lists](const char* title, const Ranking& ranking, bool wide = false) {
    lists.push_back({title, TalkerRows(ranking), FlowsOf(ranking), nullptr, ranking.other, wide});
  };
  const auto& talkers = *situation.talkers;
  add("SOURCES", talkers.sources);
  add("DESTINATIONS", talkers.destinations);
  add("SERVICES", talkers.services);
  if (talkers.pairs) add("PAIRS", *talkers.pairs, true);
  if (talkers.backends) add("BACKENDS BEHIND DNAT", *talkers.backends, true);
  return lists;
}

/// Returns an empty string if unknown: the row may have been among the others.
std::string ChangeOf(const FlowRow& row, const FlowList& before) {
  const auto same = std::ranges::find(before.rows, row.name, &FlowRow::name);
  if (same != before.rows.end()) return Change(same->flows, row.flows);
  return row.others || before.others > 0 ? "" : Change(0, row.flows);
}

/// `before` is the same list in the last draw, or null.
Table FlowTable(const FlowList& list, const FlowList* before, std::size_t top) {
  Table table{std::string(list.title), {"flows", "share"}, {}, list.wide};
  if (list.more != nullptr) table.column_titles.emplace_back(list.more);
  if (before != nullptr) table.column_titles.emplace_back("change");
  for (const auto& row : TopRows(list.rows, top, list.others)) {
    std::vector<std::string> cells = {row.name, Grouped(row.flows), PercentOf(row.flows, list.all)};
    if (list.more != nullptr) cells.push_back(row.more);
    if (before != nullptr) cells.push_back(ChangeOf(row, *before));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

/// Shows only pools with a significant share.
Table SnatTable(const std::vector<SnatFigure>& snat, std::size_t top) {
  Table table{"SNAT PORTS IN USE", {"ports", "share"}, {}, true};
  for (const auto& figure : snat) {
    if (table.rows.size() == top) break;
    if (static_cast<double>(figure.used) <
        kSnatWorthShowing * static_cast<double>(figure.available)) {
      continue;
    }
    table.rows.push_back({figure.protocol + " of " + figure.address + " to " + figure.remote,
                          Grouped(figure.used), PercentOf(figure.used, figure.available)});
  }
  return table;
}

Table WorkloadTable(const WorkloadsSummary& workloads, std::size_t top) {
  Table table{"WORKLOADS", {"opened", "received"}, {}, true};
  for (const auto& [workload, opened, received] : ShownWorkloads(workloads, top)) {
    table.rows.push_back({NameOf(workload), Grouped(opened), Grouped(received)});
  }
  return table;
}

Table DriftTable(const std::vector<DriftFigure>& drift, std::size_t top) {
  Table table{"SETTINGS LOST AT BOOT", {"now", "boot files", "reason"}, {}, true};
  for (const auto& figure : drift) {
    if (table.rows.size() == top) {
      table.rows.push_back({std::to_string(drift.size() - top) + " more"});
      break;
    }
    table.rows.push_back({figure.setting, figure.running ? std::to_string(*figure.running) : "",
                          figure.persisted ? std::to_string(*figure.persisted) : "",
                          figure.reason});
  }
  return table;
}

Table LossTable(const Situation& situation) {
  Table table{"PACKETS LOST", {}, {}};
  std::vector<const LossByCause*> columns;
  if (const auto& loss = situation.loss_since_boot) {
    table.column_titles.emplace_back("since start");
    columns.push_back(&loss->packets);
  }
  if (const auto& loss = situation.loss_recently) {
    table.column_titles.push_back("last " + Fixed(*loss->seconds, 1) + " s");
    columns.push_back(&loss->packets);
  }
  if (columns.empty()) return table;
  const auto add = [&](const std::string& name, auto&& figure_of) {
    std::vector<std::string> row = {name};
    for (const auto* loss : columns) {
      const std::optional<std::uint64_t> figure = figure_of(*loss);
      row.push_back(figure ? Grouped(*figure) : "unknown");
    }
    table.rows.push_back(std::move(row));
  };
  add("table full", [](const LossByCause& loss) { return loss.table_full.packets; });
  add("chain too long", [](const LossByCause& loss) { return loss.chain_too_long.packets; });
  add("unresolved clash", [](const LossByCause& loss) { return loss.unresolved_clash.packets; });
  add("in all", [](const LossByCause& loss) { return loss.total.packets; });
  add("not lost: invalid", [](const LossByCause& loss) { return loss.invalid; });
  add("not lost: evicted", [](const LossByCause& loss) { return loss.evicted; });
  return table;
}

/// States, protocols, timeouts, packets, talkers, SNAT ports, drift: `top` lines each. Unknown
/// figures are left out, or give a table without rows.
std::vector<Table> FigureTables(const Situation& situation, const Situation* before,
                                std::size_t top) {
  std::vector<Table> tables;
  const auto add = [&](std::vector<FlowList> (*lists_of)(const Situation&)) {
    const auto lists_before = before != nullptr ? lists_of(*before) : std::vector<FlowList>();
    for (const auto& list : lists_of(situation)) {
      const auto same = std::ranges::find(lists_before, list.title, &FlowList::title);
      tables.push_back(FlowTable(list, same != lists_before.end() ? &*same : nullptr, top));
    }
  };
  add(StateLists);
  tables.push_back(LossTable(situation));
  add(TalkerLists);
  if (situation.workloads) tables.push_back(WorkloadTable(*situation.workloads, top));
  if (situation.snat) tables.push_back(SnatTable(*situation.snat, top));
  if (situation.drift) tables.push_back(DriftTable(*situation.drift, top));
  return tables;
}

std::string WhyUnknown(const Situation& situation, std::size_t width) {
  if (!situation.loss_since_boot) return "";
  std::string text;
  for (const auto reason : UnknownReasons(situation.loss_since_boot->packets)) {
    text += Wrap("unknown: " + std::string(reason), width, kIndent);
  }
  return text.empty() ? text : text + "\n";
}

/// Groups parts with the same remedy.
std::string Missing(const Situation& situation, const TextStyle& style, const Paint& paint) {
  struct Item {
    std::vector<std::string> parts;
    const Error* reason;
  };
  std::vector<Item> items;
  for (const auto& [part, reason] : situation.missing) {
    const auto known = std::find_if(items.begin(), items.end(), [&reason = reason](const Item& i) {
      return !reason.remedy.empty() && i.reason->remedy == reason.remedy;
    });
    if (known == items.end()) {
      items.push_back({{part}, &reason});
    } else {
      known->parts.push_back(part);
    }
  }
  std::string text = items.empty() ? "" : paint(kBold, "MISSING") + "\n";
  for (const auto& [parts, reason] : items) {
    text += Wrap(Join(parts, ", ") + ": " + reason->message, style.width, kIndent);
    if (!reason->remedy.empty()) text += Wrap("-> " + reason->remedy, style.width, "    ");
  }
  return text;
}

}  // namespace

Heading HeadingNow() {
  utsname kernel{};
  ::uname(&kernel);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::ostringstream time;
  time << std::put_time(&utc, "%Y-%m-%dT%H:%M:%SZ");
  return {kernel.nodename, kernel.release, time.str()};
}

std::string RenderText(const Heading& heading, const Situation& situation,
                       const std::vector<Finding>& findings, const TextStyle& style,
                       const Situation* before) {
  const Paint paint(style.colour);
  auto text = "Connection tracking on " + PrintableText(heading.host) + ", Linux " +
              heading.kernel + ", " + heading.time + "\n" + PlaceLines(situation.place, style) +
              "\n" + Diagnosis(findings, style, paint) +
              TableSection(situation, before, style, paint) +
              InColumns(FigureTables(situation, before, style.top), style.width, paint) +
              WhyUnknown(situation, style.width) + Missing(situation, style, paint);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace conntrack::exporter::report
