#include <algorithm>
#include <utility>

#include "collectors/table_collector.h"
#include "diagnosis/format.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

// A marker further to the right would be outside of the bar.
constexpr double kLastMarker = 0.997;

Html Marker(double share, const char* kind) {
  return Element("rect",
                 {{"class", kind},
                  {"x", Length(std::min(share, kLastMarker))},
                  {"width", "2"},
                  {"height", "100%"}},
                 {});
}

/// The limit as a bar with the use, the thresholds and the peak.
Html UsageBar(double use, const Html& peak) {
  auto parts = Element("rect", {{"class", "use"}, {"width", Length(use)}, {"height", "100%"}}, {});
  parts += Marker(kWarningShare, "mark") + Marker(kCriticalShare, "mark") + peak;
  return Element("svg",
                 {{"class", "usage " + ToneOf(use)},
                  {"role", "meter"},
                  {"aria-label", "Entries of the limit"},
                  {"aria-valuemin", "0"},
                  {"aria-valuemax", "100"},
                  {"aria-valuenow", Fixed(100 * use, 1)},
                  {"aria-valuetext", Percent(use)}},
                 parts);
}

std::string LegendOf(const Situation& situation) {
  const auto entries = *situation.entries;
  const auto limit = *situation.limit;
  auto text = Grouped(limit - std::min(limit, entries)) + " free";
  if (situation.peak) {
    text += "; peak of the last minute " + PercentOf(*situation.peak, limit);
  }
  return text + "; marks at 80 % and 90 %";
}

/// A name, a figure and a note.
struct Tile {
  std::string name;
  Html value;
  Html note = {};
};

Html Render(const Tile& tile) {
  auto html = Element("dt", tile.name) + Element("dd", tile.value);
  if (!tile.note.empty()) html += Element("dd", {{"class", "note"}}, tile.note);
  return Element("div", html);
}

Tile UnknownTile(std::string name, const Error& why) {
  return {std::move(name), Element("span", {{"class", "unknown"}}, "unknown"),
          why.message};  // the section of the collectors has the remedy
}

Tile PeakTile(const StatusPage& page) {
  const auto& situation = page.situation;
  const std::string name = "Peak, last minute";
  if (!situation.peak) {
    return UnknownTile(name, WhyMissing(page.collectors, "table"));
  }
  return {name, Grouped(*situation.peak), "entries, read four times a second"};
}

Tile LossTile(const StatusPage& page) {
  const auto& situation = page.situation;
  const auto total_of = [](const std::optional<LossFigures>& loss) {
    return loss ? loss->packets.total.packets : std::nullopt;
  };
  const auto ever = total_of(situation.loss_since_boot);
  const auto now = total_of(situation.loss_recently);
  const auto since = ever ? Grouped(*ever) + " since start" : std::string();
  if (now) {
    const auto seconds = *situation.loss_recently->seconds;
    return {"Packets lost, last " + Fixed(seconds, 0) + " s",
            Element("span", {{"class", *now > 0 ? "critical" : "ok"}}, Grouped(*now)),
            Fixed(static_cast<double>(*now) / seconds, 1) + "/s; " + since};
  }
  if (ever) return {"Packets lost", Grouped(*ever), "since start"};
  if (situation.loss_since_boot) {
    const auto why = std::string(situation.loss_since_boot->packets.total.unknown);
    return UnknownTile("Packets lost", {ErrorKind::kAbsent, 0, why, ""});
  }
  return UnknownTile("Packets lost", WhyMissing(page.collectors, "stat"));
}

Tile MemoryTile(const StatusPage& page) {
  const auto& memory = page.situation.memory;
  if (!memory.entries || !memory.hash_table) {
    return UnknownTile("Memory now", WhyMissing(page.collectors, "memory"));
  }
  return {"Memory now", Bytes(*memory.entries + *memory.hash_table),
          Bytes(*memory.entries) + " entries (" +
              (memory.host_entries ? "host " + Bytes(*memory.host_entries) : "estimate") + "), " +
              Bytes(*memory.hash_table) + " hash table"};
}

Tile MemoryAtLimitTile(const StatusPage& page) {
  const auto& memory = page.situation.memory;
  if (!memory.at_limit) {
    return UnknownTile("Memory when full", WhyMissing(page.collectors, "memory"));
  }
  Tile tile{"Memory when full", Bytes(*memory.at_limit), "estimate"};
  if (memory.machine) {
    tile.note +=
        "; " + PercentOf(*memory.at_limit, *memory.machine) + " of " + Bytes(*memory.machine);
  }
  return tile;
}

Tile RecommendedTile(const StatusPage& page) {
  const auto& situation = page.situation;
  const auto& first = situation.recommended_by_profile ? situation.recommended_by_profile
                                                       : situation.recommended_limit;
  if (!first) {
    return UnknownTile("Recommended limit", WhyMissing(page.collectors, "sizing"));
  }
  Tile tile{"Recommended limit", Grouped(*first),
            situation.recommended_by_profile ? "by the profile" : "by the memory"};
  if (situation.recommended_by_profile && situation.recommended_limit) {
    tile.note += "; by the memory " + Grouped(*situation.recommended_limit);
  }
  if (situation.recommended_by_peak) {
    tile.note += "; the highest count yet asks for " + Grouped(*situation.recommended_by_peak);
  }
  return tile;
}

Tile BucketsTile(const StatusPage& page) {
  const auto& situation = page.situation;
  if (!situation.buckets) {
    return UnknownTile("Hash buckets", WhyMissing(page.collectors, "table", kHashBucketsPart));
  }
  const auto chain = MeanChainOf(situation);
  return {"Hash buckets", Grouped(*situation.buckets),
          chain ? "mean chain " + Fixed(*chain, 2) : std::string()};
}

}  // namespace

Html Usage(const StatusPage& page) {
  const auto& situation = page.situation;
  const auto fact = [](const std::string& big, const std::string& small) {
    return Element("p", {{"class", "count"}}, Element("b", big) + " " + small);
  };
  if (const auto& why = situation.no_table) {
    return Section("Table", Note(why->message + Remedy(why->remedy)));
  }
  if (!situation.entries) {
    return Section("Table",
                   fact("unknown", "entries") + Unknown(WhyMissing(page.collectors, "table")));
  }
  const auto use = UseOf(situation);
  if (!use) {
    const auto content = fact(Grouped(*situation.entries), "entries");
    if (situation.limit) return Section("Table", content + Note("There is no limit."));
    return Section("Table",
                   content + Unknown(WhyMissing(page.collectors, "table", kEntriesLimitPart)));
  }
  const auto limit = static_cast<double>(*situation.limit);
  const auto peak =
      situation.peak ? Marker(static_cast<double>(*situation.peak) / limit, "peak") : Html();
  const auto count =
      fact(Grouped(*situation.entries), "of " + Grouped(*situation.limit) + " entries") +
      Element("p", {{"class", "percent " + ToneOf(*use)}}, Percent(*use));
  return Section("Table", Element("div", {{"class", "counts"}}, count) + UsageBar(*use, peak) +
                              Note(LegendOf(situation)));
}

Html Tiles(const StatusPage& page) {
  Html tiles;
  for (const auto make :
       {PeakTile, LossTile, MemoryTile, MemoryAtLimitTile, RecommendedTile, BucketsTile}) {
    tiles += Render(make(page));
  }
  return Element("dl", {{"class", "tiles"}}, tiles);
}

}  // namespace conntrack::exporter::status
