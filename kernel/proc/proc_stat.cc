#include "kernel/proc/proc_stat.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

constexpr std::array<std::pair<std::string_view, StatCounter>, 10> kCounterColumns = {{
    {"found", StatCounter::kFound},
    {"invalid", StatCounter::kInvalid},
    {"insert", StatCounter::kInsert},
    {"insert_failed", StatCounter::kInsertFailed},
    {"drop", StatCounter::kDrop},
    {"early_drop", StatCounter::kEarlyDrop},
    {"icmp_error", StatCounter::kError},
    {"search_restart", StatCounter::kSearchRestart},
    {"clashres", StatCounter::kClashResolve},
    {"chainlength", StatCounter::kChainTooLong},
}};

// Known and left out on purpose: dead on every kernel that is still maintained; expect_new is
// expect_create less what a helper did not ask for.
constexpr std::array<std::string_view, 6> kIgnoredColumns = {
    "searched", "new", "ignore", "delete", "delete_list", "expect_new"};

enum class Role {
  kCounter,
  kIgnored,
  kEntries,
  kExpectationCreated,
  kExpectationDeleted,
  kUnknown
};

struct Column {
  Role role = Role::kUnknown;
  StatCounter counter = StatCounter::kCount;
};

Column ColumnNamed(std::string_view name) {
  const auto* counter = std::find_if(kCounterColumns.begin(), kCounterColumns.end(),
                                     [name](const auto& entry) { return entry.first == name; });
  if (counter != kCounterColumns.end()) return {Role::kCounter, counter->second};
  if (name == "entries") return {Role::kEntries};
  if (name == "expect_create") return {Role::kExpectationCreated};
  if (name == "expect_delete") return {Role::kExpectationDeleted};
  const bool ignored =
      std::find(kIgnoredColumns.begin(), kIgnoredColumns.end(), name) != kIgnoredColumns.end();
  return {ignored ? Role::kIgnored : Role::kUnknown};
}

tl::unexpected<Error> Malformed(std::string what) {
  return Fail(ErrorKind::kMalformed, std::string(kProcStatPath) + ": " + std::move(what));
}

/// One row into `cpu`; `expectations` collects created less deleted, modulo 2^32 as the kernel's
/// own counters. `entries` is one level, repeated on every row: that of the first row is kept.
Result<void> ParseRow(std::string_view line, std::size_t row, const std::vector<Column>& columns,
                      CpuStat& cpu, std::uint32_t& expectations,
                      std::optional<std::uint32_t>& entries) {
  const auto where = [row] { return "row " + std::to_string(row + 1) + ": "; };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto word = TakeWord(line);
    if (word.empty()) {
      return Malformed(where() + std::to_string(i) + " columns, the header has " +
                       std::to_string(columns.size()));
    }
    const auto value = ParseNumber<std::uint32_t>(word, 16);
    if (!value)
      return Malformed(where() + "\"" + std::string(word.substr(0, 20)) +
                       "\" is not a 32-bit hexadecimal number");
    switch (columns[i].role) {
      case Role::kCounter:
        cpu[columns[i].counter] = *value;
        break;
      case Role::kExpectationCreated:
        expectations += *value;
        break;
      case Role::kExpectationDeleted:
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
  if (!TakeWord(line).empty()) return Malformed(where() + "more columns than the header has");
  return {};
}

}  // namespace

Result<ConntrackStat> ParseProcStat(std::string_view text,
                                    const std::vector<std::uint32_t>& possible) {
  ConntrackStat stat;
  std::vector<Column> columns;
  bool created = false;
  bool deleted = false;
  auto header = TakeLine(text);
  for (auto name = TakeWord(header); !name.empty(); name = TakeWord(header)) {
    columns.push_back(ColumnNamed(name));
    created |= columns.back().role == Role::kExpectationCreated;
    deleted |= columns.back().role == Role::kExpectationDeleted;
    if (columns.back().role == Role::kUnknown) stat.unknown.emplace_back(name);
  }
  const bool any_counter = std::any_of(columns.begin(), columns.end(), [](const Column& column) {
    return column.role == Role::kCounter;
  });
  if (!any_counter) return Malformed("no header with a known column");

  std::uint32_t expectations = 0;
  while (!text.empty()) {
    const auto line = TakeLine(text);
    if (line.empty()) continue;
    const auto row = stat.cpus.size();
    // Where there are more rows than CPUs, the check below says so.
    const auto number = row < possible.size() ? possible[row] : static_cast<std::uint32_t>(row);
    CpuStat cpu{.cpu = number, .counters = {}};
    if (auto parsed = ParseRow(line, row, columns, cpu, expectations, stat.entries); !parsed)
      return Fail(parsed.error());
    stat.cpus.push_back(cpu);
  }
  if (stat.cpus.empty()) return Malformed("no row for any CPU");
  if (!possible.empty() && stat.cpus.size() != possible.size()) {
    return Malformed(std::to_string(stat.cpus.size()) + " rows for " +
                     std::to_string(possible.size()) + " possible CPUs");
  }
  if (created && deleted) stat.expectations = expectations;
  return stat;
}

}  // namespace conntrack::kernel
