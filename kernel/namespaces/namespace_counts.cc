#include "kernel/namespaces/namespace_counts.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kernel/netlink/ctnetlink_stat.h"

namespace conntrack::kernel {
namespace {

using Counts = Result<std::optional<NamespaceCounts>>;

Counts Parse(std::string_view text) {
  // Only sums over CPUs are used, so the CPU numbers of the rows do not matter.
  auto stat = ParseProcStat(text, {});
  if (!stat) return Fail(std::move(stat.error()));
  if (!stat->entries) {
    return Fail(ErrorKind::kMalformed, std::string(kProcStatPath) + " has no column entries");
  }
  const auto entries = *stat->entries;
  return NamespaceCounts{entries, *std::move(stat), {}};
}

Counts ReadByCtnetlink(const NetlinkSocketFactory& netlink) {
  const auto table = ReadTableStat(netlink);
  if (!table) return Fail(table.error());
  auto stat = ReadStatPerCpu(netlink);
  if (!stat) return Fail(std::move(stat.error()));
  if (!table->entries) {
    return Fail(ErrorKind::kMalformed, "ctnetlink answered without the number of entries");
  }
  return NamespaceCounts{*table->entries, *std::move(stat), {}};
}

/// Runs on a thread inside the namespace.
Counts ReadHere(const NamespaceReaders& readers) {
  // Not /proc/net: it follows the main thread of the process, which is in another namespace.
  const auto path = "thread-self/" + std::string(kProcStatPath);
  const auto text = readers.proc.Read(path);
  if (!text) return ReadByCtnetlink(readers.netlink);
  auto counts = Parse(*text);
  const auto inode = readers.proc.Inode(path);
  if (counts && inode) (*counts)->stat_inode = *inode;
  return counts;
}

/// Returns std::nullopt if `path` is gone.
Counts ReadInside(const std::filesystem::path& path, const NamespaceReaders& readers) {
  Counts counts;
  const auto entered = readers.entry.run_inside(path, [&] { counts = ReadHere(readers); });
  if (entered) return counts;
  if (entered.error().kind == ErrorKind::kAbsent) return std::nullopt;
  return Fail(entered.error());
}

/// Returns std::nullopt if all processes have ended.
Counts ReadFromFiles(const NetworkNamespace& found, const KernelFiles& proc) {
  for (const auto process : found.processes) {
    const auto text = proc.Read(StatPathOf(process));
    if (text) return Parse(*text);
  }
  return std::nullopt;
}

}  // namespace

Counts ReadNamespaceCounts(const NetworkNamespace& found, bool has_stat_files,
                           const NamespaceReaders& readers) {
  if (!has_stat_files && found.is_own) return ReadByCtnetlink(readers.netlink);
  if (has_stat_files) {
    auto counts = ReadFromFiles(found, readers.proc);
    if (!counts || *counts) return counts;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& name : found.names) paths.push_back(name.path);
  if (!has_stat_files) {
    for (const auto process : found.processes) {
      paths.push_back(readers.proc.root() / std::to_string(process) / "ns/net");
    }
  }
  for (const auto& path : paths) {
    auto counts = ReadInside(path, readers);
    if (!counts || *counts) return counts;
  }
  return std::nullopt;
}

}  // namespace conntrack::kernel
