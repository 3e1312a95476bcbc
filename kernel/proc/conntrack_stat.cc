#include "kernel/proc/conntrack_stat.h"

#include <algorithm>
#include <utility>

#include "kernel/proc/machine.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// The column of each StatCounter.
constexpr std::array<std::string_view, kStatCounters> kCounterColumns = {
    "found",      "invalid",    "insert",         "insert_failed", "drop",
    "early_drop", "icmp_error", "search_restart", "clashres",      "chainlength"};

// Known and ignored. All but expect_new are dead on every maintained kernel; expect_new is
// expect_create less the expectations that no helper asked for.
constexpr std::array<std::string_view, 6> kIgnoredColumns = {
    "searched", "new", "ignore", "delete", "delete_list", "expect_new"};

enum class Role { kCounter, kIgnored, kEntries, kExpectCreate, kExpectDelete, kUnknown };

struct Column {
  Role role = Role::kUnknown;
  StatCounter counter = StatCounter::kCount;
};

Column ColumnNamed(std::string_view name) {
  for (std::size_t i = 0; i < kStatCounters; ++i) {
    if (kCounterColumns[i] == name) return {Role::kCounter, static_cast<StatCounter>(i)};
  }
  if (name == "entries") return {Role::kEntries};
  if (name == "expect_create") return {Role::kExpectCreate};
  if (name == "expect_delete") return {Role::kExpectDelete};
  const bool ignored = std::ranges::find(kIgnoredColumns, name) != kIgnoredColumns.end();
  return {ignored ? Role::kIgnored : Role::kUnknown};
}

tl::unexpected<Error> Malformed(std::string what) {
  return Fail(ErrorKind::kMalformed, std::string(kProcStatPath) + ": " + std::move(what));
}

/// Parses one row into `cpu`. `entries` is the same on every row; the first is kept. Expectations
/// are created less deleted, modulo 2^32 like the kernel's counters.
Result<void> ParseRow(std::string_view line, std::size_t row, const std::vector<Column>& columns,
                      CpuStat& cpu, std::uint32_t& expectations,
                      std::optional<std::uint32_t>& entries) {
  const auto malformed = [row](const std::string& what) {
    return Malformed("row " + std::to_string(row + 1) + ": " + what);
  };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto word = TakeWord(line);
    if (word.empty()) {
      return malformed(std::to_string(i) + " columns, the header has " +
                       std::to_string(columns.size()));
    }
    const auto value = ParseNumber<std::uint32_t>(word, 16);
    if (!value) {
      return malformed("\"" + std::string(word.substr(0, 20)) +
                       "\" is not a 32-bit hexadecimal number");
    }
    switch (columns[i].role) {
      case Role::kCounter:
        cpu[columns[i].counter] = *value;
        break;
      case Role::kExpectCreate:
        expectations += *value;
        break;
      case Role::kExpectDelete:
        expectations -= *value;
        break;
      case Role::kEntries:
        if (!entries) entries = *value;
        break;
      case Role::kIgnored:
      case Role::kUnknown:
        break;
    }
  }
  if (!TakeWord(line).empty()) return malformed("more columns than the header has");
  return {};
}

}  // namespace

Result<ConntrackStat> ParseProcStat(std::string_view text,
                                    const std::vector<std::uint32_t>& possible) {
  ConntrackStat stat;
  std::vector<Column> columns;
  auto header = TakeLine(text);
  for (auto name = TakeWord(header); !name.empty(); name = TakeWord(header)) {
    columns.push_back(ColumnNamed(name));
    if (columns.back().role == Role::kUnknown) stat.unknown.emplace_back(name);
  }
  const auto has = [&columns](Role role) {
    return std::ranges::find(columns, role, &Column::role) != columns.end();
  };
  if (!has(Role::kCounter)) return Malformed("no header with a known column");

  std::uint32_t expectations = 0;
  while (!text.empty()) {
    const auto line = TakeLine(text);
    if (line.empty()) continue;
    const auto row = stat.cpus.size();
    CpuStat cpu{.cpu = static_cast<std::uint32_t>(row), .counters = {}};
    if (auto parsed = ParseRow(line, row, columns, cpu, expectations, stat.entries); !parsed)
      return Fail(parsed.error());
    stat.cpus.push_back(cpu);
  }
  if (stat.cpus.empty()) return Malformed("no row for any CPU");
  if (stat.cpus.size() == possible.size()) {
    for (std::size_t row = 0; row < possible.size(); ++row) stat.cpus[row].cpu = possible[row];
  }
  if (has(Role::kExpectCreate) && has(Role::kExpectDelete)) stat.expectations = expectations;
  return stat;
}

std::optional<bool> CountsLongChains(const KernelFiles& proc) {
  const auto text = proc.Read(kProcStatPath);
  if (!text) return std::nullopt;
  return text->substr(0, text->find('\n')).find("chainlength") != std::string::npos;
}

Result<bool> ReadRefusesLongChains(const KernelFiles& proc) {
  if (const auto counts = CountsLongChains(proc)) return *counts;
  return ReadKernelRelease(proc).map([](const auto& release) {
    return release >= KernelRelease{5, 15};
  });
}

}  // namespace conntrack::kernel
