#include "kernel/proc/flowtable_stat.h"

#include <algorithm>
#include <string>
#include <vector>

#include "kernel/text.h"

namespace conntrack::kernel {

Result<FlowtableTasks> ParseFlowtableStat(std::string_view text) {
  const auto malformed = [](const std::string& what) {
    return Fail(ErrorKind::kMalformed, std::string(kFlowtableStatPath) + ": " + what);
  };
  std::vector<std::string_view> columns;
  auto header = TakeLine(text);
  for (auto name = TakeWord(header); !name.empty(); name = TakeWord(header)) {
    columns.push_back(name);
  }
  std::vector<std::uint32_t> sums(columns.size());
  while (!text.empty()) {
    auto row = TakeLine(text);
    for (auto& sum : sums) {
      const auto word = TakeWord(row);
      const auto value = ParseNumber<std::int32_t>(word);
      if (!value) return malformed("\"" + std::string(word.substr(0, 20)) + "\" is not a number");
      sum += static_cast<std::uint32_t>(*value);
    }
  }
  FlowtableTasks tasks;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!TakePrefix(columns[i], "wq_")) continue;
    const auto* const task = std::ranges::find(kFlowtableTasks, columns[i]);
    if (task == kFlowtableTasks.end()) continue;
    const auto pending = std::max(static_cast<std::int32_t>(sums[i]), 0);
    tasks[static_cast<std::size_t>(task - kFlowtableTasks.begin())] = pending;
  }
  if (std::ranges::none_of(tasks, &std::optional<std::uint32_t>::has_value)) {
    return malformed("no header with a known column");
  }
  return tasks;
}

}  // namespace conntrack::kernel
