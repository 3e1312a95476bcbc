#include "kernel/namespaces/namespaces.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "kernel/namespaces/uuid.h"
#include "kernel/proc/parse_number.h"
#include "kernel/proc/proc_stat.h"

namespace conntrack::kernel {
namespace {

struct NameFolder {
  std::string_view path;
  bool made_up;  // all names in it
};

constexpr std::array<NameFolder, 2> kNameFolders = {
    {{"run/netns", false}, {"run/docker/netns", true}}};

/// Names such as "cni-8a1c2a4e-0d3f-..." and "netns-..." end in a random UUID.
bool EndsInUuid(std::string_view name) {
  return name.size() >= kUuidLength && IsUuid(name.substr(name.size() - kUuidLength));
}

/// Puts together what is found one by one.
class Search {
 public:
  Search(const KernelFiles& proc, const KernelFiles& root, const NamespaceDoor& door)
      : proc_(proc), root_(root), door_(door) {}

  Result<void> FindProcesses(const std::function<bool()>& go_on) {
    auto processes = ListProcesses();
    if (!processes) return Fail(std::move(processes.error()));
    found_.has_stat_files = proc_.Inode("self/" + std::string(kProcStatPath)).has_value();
    std::vector<ProcessId> refused;
    for (const auto process : *processes) {
      if (!go_on()) return OutOfTime();
      if (!PlaceByLink(process)) refused.push_back(process);
    }
    // From here on both inodes of a namespace lead to it, and with them the two kinds of processes.
    for (auto& found : found_.namespaces) LearnStatInode(found);
    for (const auto process : refused) {
      if (!go_on()) return OutOfTime();
      PlaceByStatFile(process);
    }
    const auto self = proc_.ReadLink("self");
    // No process has the number 0.
    const auto own = self ? ParseNumber<ProcessId>(*self).value_or(0) : ProcessId{0};
    for (auto& found : found_.namespaces) {
      auto& inside = found.processes;
      std::sort(inside.begin(), inside.end());
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
      const auto inode = door_.inode(path);
      if (!inode) continue;  // gone again, or a file that nothing is mounted on
      auto& found = ByInode(*inode);
      BoundName bound{name, std::move(path), folder.made_up || EndsInUuid(name)};
      const auto at = bound.made_up ? found.names.end()
                                    : std::find_if(found.names.begin(), found.names.end(),
                                                   [](const auto& other) { return other.made_up; });
      found.names.insert(at, std::move(bound));
    }
  }

  [[nodiscard]] Discovery Yield() && { return std::move(found_); }

 private:
  static tl::unexpected<Error> OutOfTime() {
    return Fail(ErrorKind::kTimeout, "the scrape's time was up before all processes were looked at",
                "scrape with a longer timeout");
  }

  [[nodiscard]] Result<std::vector<ProcessId>> ListProcesses() const {
    const auto names = proc_.List("");
    if (!names) return Fail(names.error());
    std::vector<ProcessId> processes;
    for (const auto& name : *names) {
      if (const auto process = ParseNumber<ProcessId>(name)) processes.push_back(*process);
    }
    std::sort(processes.begin(), processes.end());
    return processes;
  }

  /// False where the kernel refuses to say.
  bool PlaceByLink(ProcessId process) {
    const auto link = proc_.ReadLink(std::to_string(process) + "/ns/net");
    if (!link) return link.error().kind != ErrorKind::kDenied;
    if (const auto inode = ParseNamespaceLink(*link)) ByInode(*inode).processes.push_back(process);
    return true;
  }

  void PlaceByStatFile(ProcessId process) {
    const auto inode = proc_.Inode(StatPathOf(process));
    if (inode) {
      ByStatInode(*inode).processes.push_back(process);
    } else if (inode.error().kind == ErrorKind::kDenied || !found_.has_stat_files) {
      ++found_.hidden_processes;  // otherwise it has ended, and waits for its parent or not
    }
  }

  void LearnStatInode(NetworkNamespace& found) {
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
    auto& found = At(by_inode_, inode);
    found.inode = inode;
    return found;
  }

  NetworkNamespace& ByStatInode(std::uint64_t inode) {
    auto& found = At(by_stat_inode_, inode);
    found.stat_inode = inode;
    return found;
  }

  NetworkNamespace& At(std::unordered_map<std::uint64_t, std::size_t>& index, std::uint64_t inode) {
    const auto [entry, is_new] = index.emplace(inode, found_.namespaces.size());
    if (is_new) found_.namespaces.emplace_back();
    return found_.namespaces[entry->second];
  }

  const KernelFiles& proc_;
  const KernelFiles& root_;
  const NamespaceDoor& door_;
  Discovery found_;
  std::unordered_map<std::uint64_t, std::size_t> by_inode_;
  std::unordered_map<std::uint64_t, std::size_t> by_stat_inode_;
};

}  // namespace

std::optional<std::uint64_t> ParseNamespaceLink(std::string_view link) {
  constexpr std::string_view kPrefix = "net:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  return ParseNumber<std::uint64_t>(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
}

std::string StatPathOf(ProcessId process) {
  return std::to_string(process) + "/" + std::string(kProcStatPath);
}

Result<Discovery> DiscoverNamespaces(const KernelFiles& proc, const KernelFiles& root,
                                     const NamespaceDoor& door,
                                     const std::function<bool()>& go_on) {
  Search search(proc, root, door);
  if (auto processes = search.FindProcesses(go_on); !processes) return Fail(processes.error());
  for (const auto& folder : kNameFolders) search.FindNames(folder);
  return std::move(search).Yield();
}

}  // namespace conntrack::kernel
