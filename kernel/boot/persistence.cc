#include "kernel/boot/persistence.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "kernel/boot/boot_outcome.h"
#include "kernel/boot/root_files.h"
#include "kernel/boot/setting_values.h"
#include "kernel/place.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kMax = "nf_conntrack_max";
constexpr std::string_view kBuckets = "nf_conntrack_buckets";
constexpr std::string_view kExpectMax = "nf_conntrack_expect_max";

/// Returns whether all namespaces of the host share the value.
bool IsGlobal(std::string_view name) {
  return name == kMax || name == kBuckets || name == kExpectMax;
}

std::vector<std::string> KeysOf(const KernelFiles& proc, const std::string& name) {
  std::vector<std::string> keys = {"net/netfilter/" + name};
  if (name == kMax) keys.emplace_back("net/nf_conntrack_max");
  // Names from before 2.6.20, kept until 4.8.
  const auto compat = "net/ipv4/netfilter/ip" + name.substr(2);
  if (proc.Read("sys/" + compat)) keys.push_back(compat);
  return keys;
}

BootDoubt UnknownDefault(std::string reason) {
  return {{}, std::move(reason), {}, "unknown_default"};
}

/// Compares a setting with the outcome of one boot order.
SettingPersistence Judge(const RunningSetting& setting, BootOutcome outcome) {
  SettingPersistence result{.name = setting.name, .running = setting.value};
  result.source = outcome.source;
  result.managed_by = outcome.manager;
  result.doubt = std::move(outcome.doubt);
  if (result.doubt) return result;
  const auto& value = outcome.value;
  const bool runs = value && value->Has(setting.value);
  if (outcome.vain && !(outcome.vain->reason == DriftReason::kReadOnly && outcome.source && runs)) {
    auto& vain = *outcome.vain;
    result.at_boot = vain.value;
    result.source = std::move(vain.source);
    result.managed_by = std::move(vain.manager);
    result.problem = std::move(vain.problem);
    result.drift = vain.reason;
    if (value) result.left = value->most;
  } else if (outcome.source) {
    result.at_boot = runs ? setting.value : value->most;
    if (!runs) result.drift = DriftReason::kValueDiffers;
  } else if (!value) {
    result.doubt = UnknownDefault("nothing sets it, and the default of this kernel is unknown");
  } else if (!runs && setting.name == "nf_conntrack_acct") {
    result.doubt = UnknownDefault("nothing sets it, but firewall rules may enable it");
  } else if (!runs) {
    result.drift = DriftReason::kNotSet;
  } else if (IsGlobal(setting.name) && !value->between && value->least != value->most) {
    // The running value may have been set by hand to the other one of the two.
    result.doubt = UnknownDefault("nothing sets it, and the default of this kernel may differ");
  }
  return result;
}

/// Returns whether the sysctl exists when the files of sysctl.d are applied.
ModuleFate FateOf(const BootConfig& boot, const RunningSetting& setting) {
  const auto unknown = [](const char* reason) {
    return ModuleFate{{}, {{}, reason, {}, kUnknownLoad}};
  };
  if (boot.module == ModuleKind::kBuiltin) return {true, {}};
  if (boot.module == ModuleKind::kUnknown) {
    return unknown("it is unknown whether nf_conntrack is a module");
  }
  const auto owners = OwnersOf(boot, setting);
  if (owners.empty()) return unknown("it is unknown to which module of this kernel it belongs");
  ModuleFate early;
  for (const auto& owner : owners) {
    const auto fate = boot.fates.find(owner);
    if (fate == boot.fates.end() || fate->second.early == false) continue;
    early = fate->second;
    if (early.early == true) break;
  }
  return early;
}

bool SameEnd(const SettingPersistence& one, const SettingPersistence& other) {
  return one.drift == other.drift && one.at_boot == other.at_boot;
}

SettingPersistence Compare(const BootConfig& boot, const RunningKernel& running,
                           const RunningSetting& setting) {
  const auto fate = FateOf(boot, setting);
  std::optional<SettingPersistence> result;
  for (const auto& order :
       {BootOrder{true, false}, BootOrder{true, true}, BootOrder{false, false}}) {
    if (fate.early == !order.early) continue;
    auto other = Judge(setting, OutcomeOf(boot, running, setting, order));
    if (!result) {
      result = std::move(other);
    } else if (other.doubt && !result->doubt) {
      result->doubt = std::move(other.doubt);
    } else if (!SameEnd(*result, other) && !result->doubt) {
      result->doubt =
          fate.early
              ? BootDoubt{*result->source, "udev and systemd-sysctl may set it in either order", {}}
              : fate.doubt;
    }
  }
  if (result->doubt) {
    result->at_boot.reset();
    result->drift.reset();
  }
  result->judged = running.boot_namespace || IsGlobal(setting.name);
  if (!result->judged) {
    result->doubt.reset();
    if (result->drift != DriftReason::kInvalidValue) result->drift.reset();
  }
  return std::move(*result);
}

/// The sysctl has mode 0444 before 4.9, and in other network namespaces since 5.13.
bool IsReadOnly(const KernelFiles& proc, const RunningKernel& running) {
  const auto& release = running.traits.release;
  if (release && *release < KernelRelease{4, 9}) return true;
  std::error_code error;
  const auto status =
      std::filesystem::status(proc.root() / "sys/net/netfilter/nf_conntrack_buckets", error);
  using std::filesystem::perms;
  return !error && running.boot_namespace &&
         (status.permissions() & perms::owner_write) == perms::none;
}

constexpr const char* kMountHost =
    "in a container, mount the file system of the host read-only and name it: --path.rootfs=/host";

/// Returns whether it is a sysctl of nf_conntrack, except those of nf_defrag_ipv6 and the count.
bool IsSetting(std::string_view name) {
  return name.starts_with("nf_conntrack_") && !name.starts_with("nf_conntrack_frag6_") &&
         name != "nf_conntrack_count";
}

Result<RunningKernel> ReadRunning(const KernelFiles& proc,
                                  std::vector<UnreadableFile>& unreadable) {
  if (const auto entries = ReadSysctl(proc, "nf_conntrack_count"); !entries) {
    return Fail(entries.error());
  }
  const auto names = proc.List(kSysctlFolder);
  if (!names) return Fail(names.error());
  RunningKernel running;
  for (const auto& name : *names) {
    if (!IsSetting(name)) continue;
    // Not ReadSysctl(): a negative value is invalid, but its value after a boot is known.
    const auto value = proc.ReadNumber(std::string(kSysctlFolder).append("/").append(name));
    if (value) {
      running.settings.push_back({name, *value, KeysOf(proc, name)});
    } else {
      unreadable.push_back({name, value.error()});
    }
  }
  running.boot_namespace = IsInBootNamespace(proc).value_or(false);
  running.traits = ReadKernelTraits(proc);
  running.buckets_read_only = IsReadOnly(proc, running);
  return running;
}

}  // namespace

std::string_view ToString(DriftReason reason) {
  constexpr std::array<std::string_view, 6> kNames = {"value_differs",       "before_module",
                                                      "not_applied_at_boot", "read_only",
                                                      "invalid_value",       "not_set"};
  static_assert(kNames.size() == static_cast<std::size_t>(DriftReason::kNotSet) + 1);
  return kNames[static_cast<std::size_t>(reason)];
}

std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                   const RunningKernel& running) {
  std::vector<SettingPersistence> results;
  results.reserve(running.settings.size());
  for (const auto& setting : running.settings) results.push_back(Compare(boot, running, setting));
  return results;
}

std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc) {
  const auto container = root.root() == "/" ? ContainerSign(proc) : "";
  if (!container.empty()) {
    return Error{ErrorKind::kAbsent, 0,
                 "this process is in a container (" + container +
                     "), and the next boot does not read its files",
                 kMountHost};
  }
  const RootFiles files(root);
  for (const auto prefix : kConfigPrefixes) {
    const auto names = files.List(std::string(prefix) + "sysctl.d");
    if (names) return std::nullopt;
    if (names.error().kind == ErrorKind::kDenied) {
      auto error = names.error();
      error.remedy = "let this user read it, or --no-collector.persistence";
      return error;
    }
  }
  if (files.Resolve("/etc/sysctl.conf")) return std::nullopt;
  return Error{ErrorKind::kAbsent, 0,
               "no boot files (/etc/sysctl.d and the like) below " + root.root().string(),
               kMountHost};
}

Result<PersistenceReport> ReadPersistence(const KernelFiles& root, const KernelFiles& proc,
                                          const KernelFiles& sys) {
  PersistenceReport report;
  const auto running = ReadRunning(proc, report.unreadable);
  if (!running) return Fail(running.error());
  if (auto error = CheckBootFiles(root, proc)) return Fail(std::move(*error));
  auto boot = ReadBootConfig(root, proc, sys);
  report.settings = ComparePersistence(boot, *running);
  std::move(boot.unreadable.begin(), boot.unreadable.end(), std::back_inserter(report.unreadable));
  report.boot_namespace = running->boot_namespace;
  return report;
}

}  // namespace conntrack::kernel
