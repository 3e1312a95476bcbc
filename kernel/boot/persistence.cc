#include "kernel/boot/persistence.h"

#include <algorithm>
#include <utility>

#include "kernel/boot/setting_values.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kMax = "nf_conntrack_max";
constexpr std::string_view kBuckets = "nf_conntrack_buckets";
constexpr std::string_view kExpectMax = "nf_conntrack_expect_max";
constexpr std::int64_t kMaxPerBucketGiven = 8;

/// One value for the host, in whichever namespace one looks.
bool IsGlobal(std::string_view name) {
  return name == kMax || name == kBuckets || name == kExpectMax;
}

std::vector<std::string> KeysOf(const std::string& name) {
  std::vector<std::string> keys = {"net/netfilter/" + name};
  if (name == kMax) keys.emplace_back("net/nf_conntrack_max");
  return keys;
}

/// Judges one setting after the other.
class Comparison {
 public:
  Comparison(const BootConfig& boot, const RunningKernel& running)
      : boot_(boot), running_(running) {
    for (const auto& setting : running.settings) {
      if (setting.name == kBuckets) buckets_ = setting.value;
    }
  }

  [[nodiscard]] SettingPersistence Of(const RunningSetting& setting) const {
    SettingPersistence result{setting.name, setting.value, {}, {}, {}, true, {}};
    result.judged = running_.boot_namespace || IsGlobal(setting.name);
    Decide(result);
    if (!result.judged && result.drift != DriftReason::kInvalidValue) result.drift.reset();
    return result;
  }

 private:
  // Whatever is carried out last decides; then what comes from the module itself.
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

  // A file that is there and cannot be read may. A link that leads nowhere sets nothing.
  [[nodiscard]] bool HasUnreadableFile() const {
    return std::any_of(boot_.unreadable.begin(), boot_.unreadable.end(),
                       [](const auto& file) { return file.reason.kind != ErrorKind::kAbsent; });
  }

  [[nodiscard]] bool IsInTime() const {
    return boot_.module != ModuleKind::kLoadable || boot_.loaded_early;
  }

  [[nodiscard]] bool IsAppliedLate(const SysctlAssignment& assignment,
                                   const std::vector<std::string>& keys) const {
    return std::any_of(boot_.when_loaded.begin(), boot_.when_loaded.end(), [&](const auto& run) {
      return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
        return run.AppliesTo(key, assignment.source.file);
      });
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
        boot_.command_line.rbegin(), boot_.command_line.rend(), [&keys](const auto& sysctl) {
          return std::find(keys.begin(), keys.end(), sysctl.key) != keys.end();
        });
    if (given == boot_.command_line.rend()) return false;
    TakeValue(result, given->value, {"/proc/cmdline", 0});
    // Carried out before the first process runs.
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
      // Nobody loads what is built in: modprobe.d has no say.
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

}  // namespace

std::string_view ToString(DriftReason reason) {
  switch (reason) {
    case DriftReason::kValueDiffers:
      return "value_differs";
    case DriftReason::kBeforeModule:
      return "before_module";
    case DriftReason::kNotAppliedAtBoot:
      return "not_applied_at_boot";
    case DriftReason::kInvalidValue:
      return "invalid_value";
    case DriftReason::kNotSet:
      return "not_set";
  }
  return "unknown";
}

std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                   const RunningKernel& running) {
  const Comparison comparison(boot, running);
  std::vector<SettingPersistence> results;
  results.reserve(running.settings.size());
  for (const auto& setting : running.settings) results.push_back(comparison.Of(setting));
  return results;
}

}  // namespace conntrack::kernel
