#include "kernel/namespaces/cgroup_name.h"

#include <algorithm>

#include "kernel/namespaces/uuid.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kContainerId = 64;
constexpr std::size_t kShortId = 12;
constexpr std::size_t kHash = 32;

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool AllHex(std::string_view text) { return std::all_of(text.begin(), text.end(), IsHex); }

bool RemoveSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

/// The uid in "pod<uid>", "kubepods-burstable-pod<uid>.slice", "...pod<uid>.slice:runtime:id". Pods
/// that the kubelet has from a file have a hash of 32 digits for a uid. A slice's name has '_' for
/// '-'.
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

/// The id in "<id>", "docker-<id>.scope", "kubepods-....slice:cri-containerd:<id>". A container's
/// monitor (crio-conmon-<id>.scope) is not inside it.
std::optional<std::string> ContainerId(std::string_view segment) {
  RemoveSuffix(segment, ".scope");
  if (segment.size() < kContainerId) return std::nullopt;
  const auto id = segment.substr(segment.size() - kContainerId);
  segment.remove_suffix(kContainerId);
  const bool whole_word = segment.empty() || segment.back() == '-' || segment.back() == ':';
  if (!whole_word || !AllHex(id) || segment.ends_with("conmon-")) return std::nullopt;
  return std::string(id.substr(0, kShortId));
}

std::optional<std::string> LxcName(std::string_view parent, std::string_view segment) {
  constexpr std::string_view kPayload = "lxc.payload.";
  if (segment.starts_with(kPayload))
    segment.remove_prefix(kPayload.size());
  else if (parent != "lxc")
    return std::nullopt;
  if (segment.empty()) return std::nullopt;
  return std::string(segment);
}

/// A unit that somebody would name; not a session, nor the manager of one.
bool IsUnit(std::string_view segment) {
  if (segment.ends_with(".service")) return !segment.starts_with("user@");
  return segment.ends_with(".scope") && !segment.starts_with("session-") &&
         segment != "init.scope" && segment.find("conmon-") == std::string_view::npos;
}

/// Walks the path from the root. What is further inside replaces what is outside, but for the first
/// container of a pod, and for units of a systemd inside a container.
class PathReader {
 public:
  void Add(std::string_view segment) {
    if (auto uid = PodUid(segment)) {
      found_ = CgroupName{CgroupKind::kPod, *std::move(uid)};
      pod_has_container_ = false;
    } else if (auto id = ContainerIn(segment)) {
      const bool of_pod = found_ && found_->kind == CgroupKind::kPod && !pod_has_container_;
      if (of_pod)
        pod_has_container_ = true;
      else
        found_ = CgroupName{CgroupKind::kContainer, *std::move(id)};
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
  while (!path.empty()) {
    const auto end = path.find('/');
    reader.Add(path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return reader.found();
}

/// "hierarchy:controllers:path"; a path may have colons, the others do not.
std::string_view PathOf(std::string_view line) {
  const auto first = line.find(':');
  if (first == std::string_view::npos) return {};
  const auto second = line.find(':', first + 1);
  return second == std::string_view::npos ? std::string_view{} : line.substr(second + 1);
}

}  // namespace

std::optional<CgroupName> NameFromCgroup(std::string_view text) {
  std::optional<CgroupName> best;
  while (!text.empty()) {
    auto name = NameFromPath(PathOf(TakeLine(text)));
    if (name && (!best || name->kind < best->kind)) best = std::move(name);
  }
  return best;
}

}  // namespace conntrack::kernel
