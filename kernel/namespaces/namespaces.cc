#include "kernel/namespaces/namespaces.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "kernel/namespaces/namespace_name.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

struct NameFolder {
  std::string_view path;
  bool generated;  // applies to all names in the folder
};

constexpr std::array<NameFolder, 2> kNameFolders = {
    {{"run/netns", false}, {"run/docker/netns", true}}};

class NamespaceScan {
 public:
  NamespaceScan(const KernelFiles& proc, const KernelFiles& root, const NamespaceEntry& entry)
      : proc_(proc), root_(root), entry_(entry) {}

  Result<void> FindProcesses(const std::function<bool()>& keep_going) {
    auto processes = ListProcesses();
    if (!processes) return Fail(std::move(processes.error()));
    found_.has_stat_files = proc_.Inode("self/" + std::string(kProcStatPath)).has_value();
    std::vector<ProcessId> refused;
    for (const auto process : *processes) {
      if (!keep_going()) return OutOfTime();
      if (!AddByNsLink(process)) refused.push_back(process);
    }
    // Look up the second inode of each namespace now. It connects both kinds of processes.
    for (auto& found : found_.namespaces) FindStatInode(found);
    for (const auto process : refused) {
      if (!keep_going()) return OutOfTime();
      AddByStatFile(process);
    }
    const auto self = proc_.ReadLink("self");
    // No process has the number 0.
    const auto own = self ? ParseNumber<ProcessId>(*self).value_or(0) : ProcessId{0};
    for (auto& found : found_.namespaces) {
      auto& inside = found.processes;
      std::ranges::sort(inside);
      found.is_own = std::binary_search(inside.begin(), inside.end(), own);
    }
    return {};
  }

  void FindNames(const NameFolder& folder) {
    const auto names = root_.List(folder.path);
    if (!names) {
      if (names.error().kind != ErrorKind::kAbsent) found_.errors.push_back(names.error());
      return;
    }
    for (const auto& name : *names) {
      auto path = root_.root() / folder.path / name;
      const auto inode = entry_.inode(path);
      if (!inode) continue;  // it is gone, or nothing is mounted on the file
      auto& found = ByInode(*inode);
      BoundName bound{name, std::move(path), folder.generated || IsMadeUp(name)};
      const auto at = bound.generated ? found.names.end()
                                      : std::ranges::find_if(found.names, [](const auto& other) {
                                          return other.generated;
                                        });
      found.names.insert(at, std::move(bound));
    }
  }

  [[nodiscard]] Discovery TakeResult() && { return std::move(found_); }

 private:
  static tl::unexpected<Error> OutOfTime() {
    return Fail(ErrorKind::kTimeout, "the scrape timed out before all processes were read",
                "raise scrape_timeout");
  }

  [[nodiscard]] Result<std::vector<ProcessId>> ListProcesses() const {
    const auto names = proc_.List("");
    if (!names) return Fail(names.error());
    std::vector<ProcessId> processes;
    for (const auto& name : *names) {
      if (const auto process = ParseNumber<ProcessId>(name)) processes.push_back(*process);
    }
    std::ranges::sort(processes);
    return processes;
  }

  /// Returns false if the kernel denies it.
  bool AddByNsLink(ProcessId process) {
    const auto link = proc_.ReadLink(std::to_string(process) + "/ns/net");
    if (!link) return link.error().kind != ErrorKind::kDenied;
    if (const auto inode = ParseNamespaceLink(*link)) ByInode(*inode).processes.push_back(process);
    return true;
  }

  void AddByStatFile(ProcessId process) {
    const auto inode = proc_.Inode(StatPathOf(process));
    if (inode) {
      ByStatInode(*inode).processes.push_back(process);
    } else if (inode.error().kind == ErrorKind::kDenied || !found_.has_stat_files) {
      ++found_.hidden_processes;  // otherwise the process has ended, or is a zombie
    }
  }

  void FindStatInode(NetworkNamespace& found) {
    const auto index = static_cast<std::size_t>(&found - found_.namespaces.data());
    for (const auto process : found.processes) {
      const auto inode = proc_.Inode(StatPathOf(process));
      if (!inode) continue;
      found.stat_inode = *inode;
      by_stat_inode_.emplace(*inode, index);
      return;
    }
  }

  NetworkNamespace& ByInode(std::uint64_t inode) {
    const auto [at, is_new] = by_inode_.emplace(inode, found_.namespaces.size());
    if (is_new) found_.namespaces.push_back({.inode = inode});
    return found_.namespaces[at->second];
  }

  NetworkNamespace& ByStatInode(std::uint64_t inode) {
    const auto [at, is_new] = by_stat_inode_.emplace(inode, found_.namespaces.size());
    if (is_new) found_.namespaces.push_back({.stat_inode = inode});
    return found_.namespaces[at->second];
  }

  const KernelFiles& proc_;
  const KernelFiles& root_;
  const NamespaceEntry& entry_;
  Discovery found_;
  std::unordered_map<std::uint64_t, std::size_t> by_inode_;
  std::unordered_map<std::uint64_t, std::size_t> by_stat_inode_;
};

}  // namespace

std::optional<std::uint64_t> ParseNamespaceLink(std::string_view link) {
  if (!TakePrefix(link, "net:[") || !link.ends_with(']')) return std::nullopt;
  return ParseNumber<std::uint64_t>(link.substr(0, link.size() - 1));
}

std::string StatPathOf(ProcessId process) {
  return std::to_string(process) + "/" + std::string(kProcStatPath);
}

Result<Discovery> DiscoverNamespaces(const KernelFiles& proc, const KernelFiles& root,
                                     const NamespaceEntry& entry,
                                     const std::function<bool()>& keep_going) {
  NamespaceScan scan(proc, root, entry);
  if (auto processes = scan.FindProcesses(keep_going); !processes) return Fail(processes.error());
  for (const auto& folder : kNameFolders) scan.FindNames(folder);
  return std::move(scan).TakeResult();
}

}  // namespace conntrack::kernel
