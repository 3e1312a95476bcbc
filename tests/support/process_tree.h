// An invented /proc, with processes in network namespaces.
#pragma once

#include <sys/fsuid.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temp_tree.h"

namespace conntrack::test {

/// The counters of a statistics file of one CPU that tests change.
struct StatFigures {
  std::uint32_t entries = 0;
  std::uint32_t drop = 0;
  std::uint32_t early_drop = 0;
};

/// The text of a statistics file of two CPUs; on the first one nothing was counted.
[[nodiscard]] inline std::string StatText(const StatFigures& figures) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(),
                "entries  drop early_drop\n%08x  00000000 00000000\n%08x  %08x %08x\n",
                figures.entries, figures.entries, figures.drop, figures.early_drop);
  return text.data();
}

/// Each namespace has one statistics file, to which those of its processes lead, as the inodes of
/// the real ones are the same. Process 1 is ourselves.
class ProcessTree {
 public:
  ProcessTree() {
    tree_.Link("proc/self", "1").Write("proc/sys/net/netfilter/nf_conntrack_count", "0\n");
    std::filesystem::create_directories(locked());
    std::filesystem::permissions(locked(), std::filesystem::perms::none);
    // For AsOrdinaryUser, since the folder is root's where root runs the tests.
    std::filesystem::permissions(tree_.root(), std::filesystem::perms(0755));
  }
  ProcessTree(const ProcessTree&) = delete;
  ProcessTree& operator=(const ProcessTree&) = delete;
  ~ProcessTree() { std::filesystem::permissions(locked(), std::filesystem::perms::owner_all); }

  [[nodiscard]] std::filesystem::path proc() const { return tree_.root() / "proc"; }
  [[nodiscard]] const std::filesystem::path& root() const { return tree_.root(); }
  [[nodiscard]] TempTree& files() { return tree_; }

  /// Writes the statistics of a namespace, in place where they were written before.
  ProcessTree& Stat(std::uint64_t inode, std::string_view text) {
    tree_.Write("stat/" + std::to_string(inode), text);
    return *this;
  }
  ProcessTree& Stat(std::uint64_t inode, const StatFigures& figures) {
    return Stat(inode, StatText(figures));
  }

  /// A process whose link to its namespace may be read.
  ProcessTree& Process(std::uint32_t process, std::uint64_t inode, std::string_view command = "cat",
                       std::string_view cgroup = "0::/\n") {
    tree_.Link(Folder(process) + "ns/net", "net:[" + std::to_string(inode) + "]");
    return Inside(process, inode, command, cgroup);
  }

  /// A process whose link only root may read.
  ProcessTree& Foreign(std::uint32_t process, std::uint64_t inode) {
    tree_.Link(Folder(process) + "ns", locked().string());
    return Inside(process, inode, "cat", "0::/\n");
  }

  /// A process that has ended, but whose parent has not asked for it.
  ProcessTree& Zombie(std::uint32_t process) {
    tree_.Write(Folder(process) + "comm", "gone\n");
    return *this;
  }

  /// Which process we are.
  ProcessTree& Self(std::uint32_t process) {
    std::filesystem::remove(proc() / "self");
    tree_.Link("proc/self", std::to_string(process));
    return *this;
  }

  ProcessTree& End(std::uint32_t process) {
    std::filesystem::remove_all(tree_.root() / Folder(process));
    return *this;
  }

 private:
  static std::string Folder(std::uint32_t process) {
    return "proc/" + std::to_string(process) + "/";
  }

  [[nodiscard]] std::filesystem::path locked() const { return tree_.root() / "locked"; }

  ProcessTree& Inside(std::uint32_t process, std::uint64_t inode, std::string_view command,
                      std::string_view cgroup) {
    const auto stat = tree_.root() / "stat" / std::to_string(inode);
    if (!std::filesystem::exists(stat)) Stat(inode, StatFigures{});
    tree_.Link(Folder(process) + "net/stat/nf_conntrack", stat.string());
    tree_.Write(Folder(process) + "comm", std::string(command) + "\n");
    tree_.Write(Folder(process) + "cgroup", cgroup);
    return *this;
  }

  TempTree tree_;
};

/// Where root runs the tests: from here on the file system treats this thread as an ordinary user.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() : before_(::setfsuid(kNobody)) {}
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;
  ~AsOrdinaryUser() { ::setfsuid(static_cast<uid_t>(before_)); }

 private:
  static constexpr uid_t kNobody = 65534;
  const int before_;
};

}  // namespace conntrack::test
