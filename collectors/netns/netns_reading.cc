#include "collectors/netns/netns_reading.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace conntrack {
namespace {

using kernel::NamespaceKind;

/// One of the two exists, otherwise the namespace would not have been found. Both inodes are from
/// the same numbering, so no two are equal. The one of the file never depends on privileges.
std::uint64_t KeyOf(const kernel::NetworkNamespace& found, const kernel::NamespaceCounts& counts) {
  if (found.stat_inode) return *found.stat_inode;
  if (counts.stat_inode) return *counts.stat_inode;
  return found.inode.value_or(0);
}

void HostThenFullestFirst(std::vector<NetnsReading>& readings) {
  const auto rank = [](const NetnsReading& reading) {
    return std::tuple(reading.kind != NamespaceKind::kHost, ~reading.counts.entries, reading.key);
  };
  std::ranges::sort(readings, {}, rank);
}

bool EndsInInode(std::string_view name) {
  const auto at = name.rfind('@');
  return at != std::string_view::npos && at + 1 < name.size() &&
         name.find_first_not_of("0123456789", at + 1) == std::string_view::npos;
}

bool IsReserved(const kernel::NamespaceName& name) {
  return name.name == kOtherNamespaces ||
         (name.name == "host" && name.kind != kernel::NamespaceKind::kHost) ||
         EndsInInode(name.name);
}

}  // namespace

void UnreadableNamespaces::Add(const std::string& name, const Error& error) {
  constexpr std::size_t kNamed = 5;
  if (count_++ == 0) first_ = error;
  if (count_ <= kNamed) names_ += (names_.empty() ? "" : ", ") + name;
  if (count_ == kNamed + 1) names_ += ", ...";
}

std::optional<Error> UnreadableNamespaces::error() const {
  if (count_ == 0) return std::nullopt;
  auto error = first_;
  error.message = std::to_string(count_) + " (" + names_ + "): " + error.message;
  return error;
}

std::vector<std::string> UniqueNames(const std::vector<NamedNamespace>& namespaces) {
  std::map<std::string_view, std::size_t> bearers;
  for (const auto& entry : namespaces) {
    if (!IsReserved(entry.name)) ++bearers[entry.name.name];
  }
  std::vector<std::string> names;
  names.reserve(namespaces.size());
  for (const auto& entry : namespaces) {
    const bool taken = IsReserved(entry.name) || bearers[entry.name.name] > 1;
    names.push_back(taken ? entry.name.name + "@" + std::to_string(entry.inode) : entry.name.name);
  }
  return names;
}

void AddOmissions(const kernel::Discovery& discovery, std::vector<Omission>& omissions) {
  for (const auto& error : discovery.errors) omissions.push_back({"names of namespaces", error});
  if (discovery.hidden_processes > 0) {
    omissions.push_back({"namespaces of some processes",
                         {ErrorKind::kDenied, 0,
                          std::to_string(discovery.hidden_processes) +
                              " processes do not show their network namespace",
                          "give CAP_SYS_PTRACE, or mount /proc without hidepid"}});
  }
  const auto& found = discovery.namespaces;
  if (std::ranges::none_of(found, &kernel::NetworkNamespace::is_host)) {
    omissions.push_back({"netns=\"host\"",
                         {ErrorKind::kAbsent, 0, "/proc does not show process 1",
                          "give CAP_SYS_PTRACE, or mount /proc without hidepid"}});
  }
}

Result<NetnsReadings> ReadNamespaces(const KernelAccess& access,
                                     const kernel::NamespaceEntry& entry,
                                     const std::function<bool()>& keep_going) {
  const auto discovery = kernel::DiscoverNamespaces(access.proc, access.root, entry, keep_going);
  if (!discovery) return Fail(discovery.error());
  const kernel::NamespaceReaders readers{access.proc, access.netlink, entry};
  NetnsReadings all;
  all.source = discovery->has_stat_files ? "procfs" : "ctnetlink";
  std::vector<NamedNamespace> named;
  UnreadableNamespaces unreadable;
  for (const auto& found : discovery->namespaces) {
    if (!keep_going()) {
      return Fail(ErrorKind::kTimeout, "the scrape timed out before all namespaces were read",
                  "raise scrape_timeout");
    }
    // Before the counts, because the processes inside may end at any time.
    auto name = kernel::NameOf(found, access.proc);
    auto counts = kernel::ReadNamespaceCounts(found, discovery->has_stat_files, readers);
    if (!counts) unreadable.Add(name.name, counts.error());
    if (!counts || !*counts) continue;
    const auto key = KeyOf(found, **counts);
    all.readings.push_back({{}, name.kind, found.inode, key, **std::move(counts)});
    named.push_back({std::move(name), found.inode.value_or(key)});
  }
  auto names = UniqueNames(named);
  for (std::size_t i = 0; i < names.size(); ++i) all.readings[i].name = std::move(names[i]);
  HostThenFullestFirst(all.readings);
  AddOmissions(*discovery, all.omissions);
  all.unreadable = unreadable.count();
  all.first_error = unreadable.error();
  if (all.first_error) {
    all.omissions.push_back({"namespaces that cannot be read", *all.first_error});
  }
  return all;
}

}  // namespace conntrack
