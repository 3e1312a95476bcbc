#include "exporter/commands/report/text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <string_view>

#include "diagnosis/format.h"
#include "exporter/commands/report/blocks.h"
#include "exporter/commands/report/figure_blocks.h"

namespace conntrack::exporter::report {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kSeverityWidth = 10;
constexpr std::size_t kBarWidth = 20;
constexpr double kNoteworthyChain = 0.1;

std::string Painted(Severity severity, const std::string& text, const Paint& paint) {
  switch (severity) {
    case Severity::kOk:
      return paint.Green(text);
    case Severity::kNotice:
      return paint.Cyan(text);
    case Severity::kWarning:
      return paint.Yellow(text);
    case Severity::kCritical:
      return paint.Red(text);
  }
  return text;
}

std::string Diagnosis(const std::vector<Finding>& findings, const TextStyle& style,
                      const Paint& paint) {
  const auto margin = kIndent + kSeverityWidth;
  std::string text = paint.Bold("DIAGNOSIS") + "\n";
  for (const auto& finding : findings) {
    std::string severity(ToString(finding.severity));
    std::transform(severity.begin(), severity.end(), severity.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    text += std::string(kIndent, ' ') + Painted(finding.severity, severity, paint) +
            std::string(kSeverityWidth - severity.size(), ' ') +
            Wrapped(finding.headline + " [" + std::string(finding.id) + "]", margin, style.width)
                .substr(margin);
    text += Wrapped(Joined(finding.evidence, "; "), margin, style.width);
    if (!finding.next.empty()) text += Wrapped("-> " + finding.next, margin, style.width);
  }
  return text + "\n";
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
    parts.push_back(Bytes(*memory.entries) + " entries" +
                    (memory.measured ? " (host)" : " (estimate)"));
  }
  if (memory.hash_table) parts.push_back(Bytes(*memory.hash_table) + " hash table");
  if (memory.at_limit) parts.push_back(Bytes(*memory.at_limit) + " if full");
  if (memory.machine) parts.push_back("machine " + Bytes(*memory.machine));
  return Joined(parts, ", ");
}

std::string Table(const Situation& situation, const TextStyle& style, const Paint& paint) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    const auto margin = kIndent + kSeverityWidth;
    text += std::string(kIndent, ' ') + name + std::string(kSeverityWidth - name.size(), ' ') +
            Wrapped(value, margin, style.width).substr(margin);
  };
  if (situation.entries) line("entries", EntriesText(situation));
  if (situation.buckets) line("buckets", BucketsText(situation));
  const auto memory = MemoryText(situation.memory);
  if (!memory.empty()) line("memory", memory);
  return text.empty() ? text : paint.Bold("TABLE") + "\n" + text + "\n";
}

/// Why a cause is unknown, once for each reason.
std::string WhyUnknown(const Situation& situation, std::size_t width) {
  if (!situation.loss_since_boot) return "";
  const auto& packets = situation.loss_since_boot->packets;
  std::set<std::string_view> reasons;
  std::string text;
  for (const auto* loss :
       {&packets.table_full, &packets.chain_too_long, &packets.unresolved_clash, &packets.total}) {
    if (loss->packets || !reasons.insert(loss->unknown).second) continue;
    text += Wrapped("unknown: " + std::string(loss->unknown), kIndent, width);
  }
  return text.empty() ? text : text + "\n";
}

/// Parts that lack for the same reason, as far as its remedy goes, are one item.
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
  std::string text = items.empty() ? "" : paint.Bold("MISSING") + "\n";
  for (const auto& [parts, reason] : items) {
    text += Wrapped(Joined(parts, ", ") + ": " + reason->message, kIndent, style.width);
    if (!reason->remedy.empty()) text += Wrapped("-> " + reason->remedy, 2 * kIndent, style.width);
  }
  return text;
}

}  // namespace

std::string RenderText(const Heading& heading, const Situation& situation,
                       const std::vector<Finding>& findings, const TextStyle& style) {
  const Paint paint(style.colour);
  auto text = "Connection tracking on " + heading.host + ", Linux " + heading.kernel + ", " +
              heading.time + "\n\n" + Diagnosis(findings, style, paint) +
              Table(situation, style, paint) +
              InColumns(FigureBlocks(situation, style.top), style.width, paint) +
              WhyUnknown(situation, style.width) + Missing(situation, style, paint);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace conntrack::exporter::report
