#include "kernel/boot/persistence.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/boot/root_files.h"
#include "kernel/boot/setting_values.h"
#include "kernel/place.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kMax = "nf_conntrack_max";
constexpr std::string_view kBuckets = "nf_conntrack_buckets";
constexpr std::string_view kExpectMax = "nf_conntrack_expect_max";
constexpr std::int64_t kMaxPerBucketGiven = 8;

/// One value for the host, in every namespace.
bool IsGlobal(std::string_view name) {
  return name == kMax || name == kBuckets || name == kExpectMax;
}

std::vector<std::string> KeysOf(const std::string& name) {
  std::vector<std::string> keys = {"net/netfilter/" + name};
  if (name == kMax) keys.emplace_back("net/nf_conntrack_max");
  return keys;
}

class Comparison {
 public:
  Comparison(const BootConfig& boot, const RunningKernel& running)
      : boot_(boot), running_(running) {
    for (const auto& setting : running.settings) {
      if (setting.name == kBuckets) buckets_ = setting.value;
    }
  }

  [[nodiscard]] SettingPersistence Compare(const RunningSetting& setting) const {
    SettingPersistence result{setting.name, setting.value, {}, {}, {}, true, {}};
    result.judged = running_.boot_namespace || IsGlobal(setting.name);
    Decide(result);
    if (!result.judged && result.drift != DriftReason::kInvalidValue) result.drift.reset();
    return result;
  }

 private:
  // The last applied assignment wins; then parameters of the module.
  void Decide(SettingPersistence& result) const {
    const auto keys = KeysOf(result.name);
    const auto* late = boot_.late.Last(keys);
    if (late != nullptr) return Take(result, *late);
    const auto* conf = boot_.unlinked.Last(keys);
    if (conf != nullptr && IsAppliedLate(*conf, keys)) return Take(result, *conf);
    if (const auto* planned = boot_.plan.Last(keys)) {
      Take(result, *planned);
      if (!result.problem.empty() || IsInTime()) return;
      if (!IsAppliedLate(*planned, keys)) result.drift = DriftReason::kBeforeModule;
      return;
    }
    if (conf != nullptr) {
      result.source = conf->source;
      result.drift = DriftReason::kNotAppliedAtBoot;
      return;
    }
    if (TakeCommandLine(result, keys) || TakeHashSize(result)) return;
    if (!HasUnreadableFile() && !IsPossibleDefault(result.name, result.running, buckets_)) {
      result.drift = DriftReason::kNotSet;
    }
  }

  // It may set anything. A dangling link sets nothing.
  [[nodiscard]] bool HasUnreadableFile() const {
    return std::ranges::any_of(
        boot_.unreadable, [](const auto& file) { return file.reason.kind != ErrorKind::kAbsent; });
  }

  [[nodiscard]] bool IsInTime() const {
    return boot_.module != ModuleKind::kLoadable || boot_.loaded_early;
  }

  [[nodiscard]] bool IsAppliedLate(const SysctlAssignment& assignment,
                                   const std::vector<std::string>& keys) const {
    return std::ranges::any_of(boot_.when_loaded, [&](const auto& run) {
      return std::ranges::any_of(
          keys, [&](const auto& key) { return run.AppliesTo(key, assignment.source.file); });
    });
  }

  void Take(SettingPersistence& result, const SysctlAssignment& assignment) const {
    TakeValue(result, *assignment.value, assignment.source);
  }

  void TakeValue(SettingPersistence& result, std::string_view text,
                 const SourceLine& source) const {
    result.source = source;
    const auto value = ParseSettingValue(result.name, text);
    if (!value) {
      result.problem = value.error().message;
      result.drift = DriftReason::kInvalidValue;
      return;
    }
    TakeNumber(result, result.name == kBuckets ? RoundedUp(*value) : *value);
  }

  static void TakeNumber(SettingPersistence& result, std::int64_t value) {
    result.at_boot = value;
    if (value != result.running) result.drift = DriftReason::kValueDiffers;
  }

  [[nodiscard]] std::int64_t RoundedUp(std::int64_t buckets) const {
    const auto step = running_.buckets_step;
    return (buckets + step - 1) / step * step;
  }

  [[nodiscard]] bool TakeCommandLine(SettingPersistence& result,
                                     const std::vector<std::string>& keys) const {
    const auto given = std::find_if(
        boot_.command_line.rbegin(), boot_.command_line.rend(),
        [&keys](const auto& sysctl) { return std::ranges::find(keys, sysctl.key) != keys.end(); });
    if (given == boot_.command_line.rend()) return false;
    TakeValue(result, given->value, {"/proc/cmdline", 0});
    // Applied before the first process runs.
    if (result.problem.empty() && boot_.module == ModuleKind::kLoadable) {
      result.drift = DriftReason::kBeforeModule;
    }
    return true;
  }

  [[nodiscard]] bool TakeHashSize(SettingPersistence& result) const {
    if (!boot_.hash_size || (result.name != kBuckets && result.name != kMax)) return false;
    const auto& given = *boot_.hash_size;
    const bool is_for_buckets = result.name == kBuckets;
    if (boot_.module == ModuleKind::kBuiltin && !given.from_command_line) {
      // modprobe.d has no effect on what is built in.
      if (!is_for_buckets) return false;
      result.source = given.source;
      result.drift = DriftReason::kNotAppliedAtBoot;
      return true;
    }
    if (is_for_buckets) {
      TakeValue(result, given.value, given.source);
      return true;
    }
    const auto buckets = ParseSettingValue(kBuckets, given.value);
    if (!buckets) return false;
    result.source = given.source;
    TakeNumber(result, RoundedUp(*buckets) * kMaxPerBucketGiven);
    return true;
  }

  const BootConfig& boot_;
  const RunningKernel& running_;
  std::int64_t buckets_ = 0;
};

constexpr const char* kMountHost =
    "in a container, mount the file system of the host read-only and name it: --path.rootfs=/host";

/// The sysctls of nf_conntrack, without those of nf_defrag_ipv6 and the count.
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
    const auto value = ReadSysctl(proc, name);
    if (value) {
      running.settings.push_back({name, *value});
    } else {
      unreadable.push_back({name, value.error()});
    }
  }
  running.boot_namespace = IsInBootNamespace(proc).value_or(false);
  running.buckets_step = ::sysconf(_SC_PAGESIZE) / static_cast<std::int64_t>(sizeof(void*));
  return running;
}

}  // namespace

std::string_view ToString(DriftReason reason) {
  constexpr std::array<std::string_view, 5> kNames = {
      "value_differs", "before_module", "not_applied_at_boot", "invalid_value", "not_set"};
  static_assert(kNames.size() == static_cast<std::size_t>(DriftReason::kNotSet) + 1);
  return kNames[static_cast<std::size_t>(reason)];
}

std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                   const RunningKernel& running) {
  const Comparison comparison(boot, running);
  std::vector<SettingPersistence> results;
  results.reserve(running.settings.size());
  for (const auto& setting : running.settings) results.push_back(comparison.Compare(setting));
  return results;
}

std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc) {
  const auto container = root.root() == "/" ? ContainerSign(proc) : "";
  if (!container.empty()) {
    return Error{ErrorKind::kAbsent, 0,
                 "this process is in a container (" + container +
                     "), the file system of which has no say at the next boot",
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
