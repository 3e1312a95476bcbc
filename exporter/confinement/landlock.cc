#include "exporter/confinement/landlock_and_seccomp.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::confinement {
namespace {

namespace fs = std::filesystem;

// Definitions that linux/landlock.h of Debian 12 (Linux 6.1, version 2) does not have.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;  // since version 4
  std::uint64_t scoped = 0;              // since version 6
};
struct NetPortAttributes {
  std::uint64_t allowed_access = 0;
  std::uint64_t port = 0;
};
constexpr std::uint64_t kTruncate = 1U << 14U;             // version 3
constexpr std::uint64_t kIoctlDevice = 1U << 15U;          // version 5
constexpr std::uint64_t kBindTcp = 1U << 0U;               // version 4
constexpr std::uint64_t kConnectTcp = 1U << 1U;            // version 4
constexpr std::uint64_t kScopeAbstractSockets = 1U << 0U;  // version 6
constexpr std::uint64_t kScopeSignals = 1U << 1U;          // version 6
constexpr int kRuleNetPort = 2;

constexpr std::uint64_t kVersion1 = (1U << 13U) - 1;  // EXECUTE to MAKE_SYM
constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kReadBelow = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriteBelow = kReadBelow | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                      LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                      LANDLOCK_ACCESS_FS_REMOVE_FILE;

constexpr std::uint16_t kNameServer = 53;

RulesetAttributes Handled(int version, const Needs& needs) {
  const auto& ports = needs.listen_ports;
  const bool known = std::find(ports.begin(), ports.end(), 0) == ports.end();
  RulesetAttributes handled;
  handled.handled_access_fs = kVersion1;
  if (version >= 2) handled.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) handled.handled_access_fs |= kTruncate;
  if (version >= 4) handled.handled_access_net = kBindTcp | (known ? kConnectTcp : 0);
  if (version >= 5) handled.handled_access_fs |= kIoctlDevice;
  if (version >= 6) handled.scoped = kScopeAbstractSockets | kScopeSignals;
  return handled;
}

Error Failed(const std::string& what) { return ErrorFromErrno(errno, "Landlock: " + what); }

/// Ignores paths that do not exist.
Result<void> Allow(int ruleset, const fs::path& path, std::uint64_t below) {
  const kernel::UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd) return {};
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return Fail(Failed(path.string()));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(status.st_mode) ? below : below & kReadFile;
  rule.parent_fd = fd.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return Fail(Failed(path.string()));
  }
  return {};
}

/// Does nothing if ports are not restricted.
Result<void> AllowPort(int ruleset, std::uint64_t access, std::uint16_t port) {
  if (access == 0) return {};
  const NetPortAttributes rule{access, port};
  if (::syscall(SYS_landlock_add_rule, ruleset, kRuleNetPort, &rule, 0) == 0) return {};
  if (errno == EAFNOSUPPORT) return {};  // the kernel has no TCP
  return Fail(Failed("port " + std::to_string(port)));
}

Result<void> AddRules(int ruleset, std::uint64_t handled_ports, const Needs& needs) {
  for (const auto& path : needs.read) {
    if (auto added = Allow(ruleset, path, kReadBelow); !added) return added;
  }
  for (const auto& folder : needs.write) {
    if (auto added = Allow(ruleset, folder, kWriteBelow); !added) return added;
  }
  for (const auto port : needs.listen_ports) {
    if (auto added = AllowPort(ruleset, handled_ports, port); !added) return added;
  }
  if (!needs.looks_up_names) return {};
  return AllowPort(ruleset, handled_ports & kConnectTcp, kNameServer);
}

Result<int> LandlockVersion() {
  const auto version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version > 0) return static_cast<int>(version);
  switch (errno) {
    case ENOSYS:
      return Fail(ErrorKind::kAbsent, "this kernel has no Landlock",
                  "Linux 5.13 and CONFIG_SECURITY_LANDLOCK");
    case EOPNOTSUPP:
      return Fail(ErrorKind::kAbsent, "Landlock is switched off in this kernel",
                  "boot with lsm=landlock,...");
    default:
      auto error = Failed("asking for its version");
      error.remedy =
          "allow landlock_create_ruleset, landlock_add_rule and landlock_restrict_self in the "
          "filter around it (SystemCallFilter= of systemd, or a container's profile)";
      return Fail(std::move(error));
  }
}

}  // namespace

Result<int> RestrictFiles(const Needs& needs) {
  auto version = LandlockVersion();
  if (!version) return version;
  const auto handled = Handled(*version, needs);
  // Older kernels accept a longer structure if its tail is zero.
  const kernel::UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!ruleset) return Fail(Failed("making a rule set"));
  if (auto added = AddRules(ruleset.get(), handled.handled_access_net, needs); !added) {
    return Fail(added.error());
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return Fail(Failed("confining this process"));
  }
  return version;
}

}  // namespace conntrack::exporter::confinement
