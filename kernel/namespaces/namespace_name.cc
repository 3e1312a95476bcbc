#include "kernel/namespaces/namespace_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kContainerId = 64;
constexpr std::size_t kShortId = 12;
constexpr std::size_t kHash = 32;
constexpr std::size_t kUuid = 36;

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool AllHex(std::string_view text) { return std::ranges::all_of(text, IsHex); }

/// Returns whether `text` is a UUID: 8-4-4-4-12 hexadecimal digits.
bool IsUuid(std::string_view text) {
  if (text.size() != kUuid) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separator = i == 8 || i == 13 || i == 18 || i == 23;
    if (separator ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

/// Returns the uid in "pod<uid>", "kubepods-burstable-pod<uid>.slice" or
/// "...pod<uid>.slice:runtime:id". Static pods have a hash of 32 digits as uid. Slice names have
/// '_' instead of '-'.
std::optional<std::string> PodUid(std::string_view segment) {
  const auto end = segment.find('.');
  const auto name = segment.substr(0, end);
  const auto pod = name.rfind("pod");
  if (pod == std::string_view::npos || (pod > 0 && name[pod - 1] != '-')) return std::nullopt;
  std::string uid(name.substr(pod + 3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  if (!IsUuid(uid) && !(uid.size() == kHash && AllHex(uid))) return std::nullopt;
  return uid;
}

/// Returns the ID in "<id>", "docker-<id>.scope" or "kubepods-....slice:cri-containerd:<id>". The
/// monitor of a container (crio-conmon-<id>.scope) is not inside it.
std::optional<std::string> ContainerId(std::string_view segment) {
  if (segment.ends_with(".scope")) segment.remove_suffix(6);
  if (segment.size() < kContainerId) return std::nullopt;
  const auto id = segment.substr(segment.size() - kContainerId);
  segment.remove_suffix(kContainerId);
  const bool whole_word = segment.empty() || segment.back() == '-' || segment.back() == ':';
  if (!whole_word || !AllHex(id) || segment.ends_with("conmon-")) return std::nullopt;
  return std::string(id.substr(0, kShortId));
}

std::optional<std::string> LxcName(std::string_view parent, std::string_view segment) {
  if (!TakePrefix(segment, "lxc.payload.") && parent != "lxc") return std::nullopt;
  if (segment.empty()) return std::nullopt;
  return std::string(segment);
}

/// Returns whether the segment is a unit, except login sessions and their managers.
bool IsUnit(std::string_view segment) {
  if (segment.ends_with(".service")) return !segment.starts_with("user@");
  return segment.ends_with(".scope") && !segment.starts_with("session-") &&
         segment != "init.scope" && segment.find("conmon-") == std::string_view::npos;
}

/// Reads a path from the root. An inner name replaces an outer one, except for the first container
/// of a pod, and for units of a systemd inside a container.
class PathReader {
 public:
  void Add(std::string_view segment) {
    if (auto uid = PodUid(segment)) {
      auto container = ContainerId(segment).value_or("");
      pod_has_container_ = !container.empty();
      found_ = CgroupName{CgroupKind::kPod, *std::move(uid), std::move(container)};
    } else if (auto id = ContainerIn(segment)) {
      const bool of_pod = found_ && found_->kind == CgroupKind::kPod && !pod_has_container_;
      if (of_pod) {
        pod_has_container_ = true;
        found_->container = *std::move(id);
      } else {
        found_ = CgroupName{CgroupKind::kContainer, *std::move(id)};
      }
    } else if (IsUnit(segment) && (!found_ || found_->kind == CgroupKind::kUnit)) {
      found_ = CgroupName{CgroupKind::kUnit, std::string(segment)};
    }
    parent_ = segment;
  }

  [[nodiscard]] std::optional<CgroupName> found() const { return found_; }

 private:
  [[nodiscard]] std::optional<std::string> ContainerIn(std::string_view segment) const {
    auto id = ContainerId(segment);
    return id ? id : LxcName(parent_, segment);
  }

  std::optional<CgroupName> found_;
  bool pod_has_container_ = false;
  std::string_view parent_;
};

std::optional<CgroupName> NameFromPath(std::string_view path) {
  PathReader reader;
  while (!path.empty()) reader.Add(TakeUntil(path, '/'));
  return reader.found();
}

/// Cgroup and command of the first process that still exists.
struct FirstProcess {
  std::optional<CgroupName> cgroup;
  std::string command = "unknown";
};

FirstProcess ReadFirstProcess(const NetworkNamespace& found, const KernelFiles& proc) {
  for (const auto process : found.processes) {
    const auto folder = std::to_string(process);
    const auto command = proc.Read(folder + "/comm");
    if (!command) continue;
    const auto cgroup = proc.Read(folder + "/cgroup");
    return {cgroup ? NameFromCgroup(*cgroup) : std::nullopt,
            command->substr(0, command->find('\n'))};
  }
  return {};
}

NamespaceName FindName(const NetworkNamespace& found, const KernelFiles& proc) {
  if (found.is_host()) return {NamespaceKind::kHost, "host"};
  const auto* bound = found.names.empty() ? nullptr : &found.names.front();
  if (bound != nullptr && !bound->generated) return {NamespaceKind::kNamed, bound->name};
  const auto first = ReadFirstProcess(found, proc);
  const auto& cgroup = first.cgroup;
  if (cgroup && cgroup->kind == CgroupKind::kPod) return {NamespaceKind::kPod, cgroup->name};
  if (cgroup && cgroup->kind == CgroupKind::kContainer) {
    return {NamespaceKind::kContainer, cgroup->name};
  }
  if (bound != nullptr) return {NamespaceKind::kNamed, bound->name};
  if (cgroup) return {NamespaceKind::kUnit, cgroup->name};
  return {NamespaceKind::kProcess, first.command};
}

}  // namespace

std::optional<CgroupName> NameFromCgroup(std::string_view text) {
  std::optional<CgroupName> best;
  while (!text.empty()) {
    auto path = TakeLine(text);  // after "hierarchy:controllers:"; may contain colons
    (void)TakeUntil(path, ':');
    (void)TakeUntil(path, ':');
    auto name = NameFromPath(path);
    if (name && (!best || name->kind < best->kind)) best = std::move(name);
  }
  return best;
}

bool IsMadeUp(std::string_view name) {
  if (!TakePrefix(name, "cni-")) TakePrefix(name, "netns-");
  return IsUuid(name);
}

std::string_view ToString(NamespaceKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"host", "named", "container",
                                                      "pod",  "unit",  "process"};
  static_assert(kNames.size() == static_cast<std::size_t>(NamespaceKind::kProcess) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

NamespaceName NameOf(const NetworkNamespace& found, const KernelFiles& proc) {
  return FindName(found, proc);
}

}  // namespace conntrack::kernel
