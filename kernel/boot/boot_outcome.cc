#include "kernel/boot/boot_outcome.h"

#include <algorithm>
#include <utility>

#include "kernel/boot/kernel_command_line.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kBucketsSetting = "nf_conntrack_buckets";
constexpr std::string_view kCompatFolder = "net/ipv4/netfilter/";

constexpr std::string_view kSizes[] = {kBucketsSetting, "nf_conntrack_max",
                                       "nf_conntrack_expect_max"};
/// Parameters of the module. Each one is a sysctl too.
constexpr std::pair<std::string_view, std::string_view> kSwitches[] = {
    {"acct", "nf_conntrack_acct"},
    {"tstamp", "nf_conntrack_timestamp"},
    {"nf_conntrack_helper", "nf_conntrack_helper"}};

class Boot {
 public:
  Boot(const BootConfig& boot, const RunningKernel& running, const RunningSetting& setting,
       BootOrder order)
      : boot_(boot), running_(running), setting_(setting), order_(order) {}

  BootOutcome Run() {
    outcome_.value = DefaultOf(setting_.name, running_.traits);
    const bool exists = order_.early;
    const bool builtin = boot_.module == ModuleKind::kBuiltin;
    if (exists) TakeOptions();
    TakePlan(boot_.command_line, "kernel command line", builtin);
    if (exists) WhenLoaded("modprobe");
    if (exists && order_.rules_first) WhenLoaded("udev");
    TakePlan(boot_.files, "systemd-sysctl", exists);
    TakeFilesDoubts(exists);
    if (!exists) {
      TakeOptions();
      WhenLoaded("modprobe");
    }
    if (!exists || !order_.rules_first) WhenLoaded("udev");
    for (const auto& writer : boot_.late) TakeWriter(writer);
    TakeUnlinked();
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] const SysctlAssignment* LastOf(const SysctlPlan& plan) const {
    return plan.Last(setting_.keys);
  }

  void Doubt(const BootDoubt& doubt, const std::string& manager = {}) {
    const auto& names = doubt.settings;
    if (!names.empty() && std::ranges::find(names, setting_.name) == names.end()) return;
    outcome_.doubt = doubt;
    outcome_.manager = manager;
  }

  void Set(DefaultRange value, const SourceLine& source, std::string_view manager) {
    // Writing the same line again changes nothing.
    const bool again = outcome_.source == source && outcome_.value == value && !outcome_.doubt;
    if (again && !outcome_.vain) return;
    outcome_ = {value, source, std::string(manager), {}, {}};
  }

  void SetOne(std::int64_t value, const SourceLine& source, std::string_view manager) {
    Set({value, value}, source, manager);
  }

  void TakeOptions() {
    for (const auto& option : boot_.options) {
      const std::pair<std::string_view, std::string_view> name_and_setting(option.name,
                                                                           setting_.name);
      if (std::ranges::find(kSwitches, name_and_setting) != std::end(kSwitches)) {
        const auto first = option.value.empty() ? 'y' : option.value[0];
        const bool on = first == 'y' || first == 'Y' || first == '1';
        if (IsRead(option)) SetOne(on ? 1 : 0, option.source, ManagerOf(option));
      }
      const bool is_size = std::ranges::find(kSizes, setting_.name) != std::end(kSizes);
      const bool is_expect = option.name == "expect_hashsize";
      if ((option.name == "hashsize" && is_size) || (is_expect && setting_.name == kSizes[2])) {
        TakeSize(option, is_expect);
      }
    }
  }

  /// modprobe.d has no effect on built-in code.
  [[nodiscard]] bool IsRead(const ModuleOption& option) const {
    return boot_.module != ModuleKind::kBuiltin || option.source.file == kCommandLine;
  }

  static std::string ManagerOf(const ModuleOption& option) {
    return option.source.file == kCommandLine ? "kernel command line" : "modprobe";
  }

  void TakeSize(const ModuleOption& option, bool is_expect) {
    const bool is_for_buckets = setting_.name == kBucketsSetting;
    const auto size = ParseSettingValue(kBucketsSetting, option.value);
    if (!IsRead(option) || !size) {
      // Report it only once, for the buckets.
      if (!is_for_buckets) return;
      outcome_.vain = {DriftReason::kNotAppliedAtBoot, option.source, {}, ManagerOf(option), {}};
      if (!IsRead(option)) return;
      outcome_.vain->reason = DriftReason::kInvalidValue;
      outcome_.vain->problem = size.error().message;
    } else if (is_expect) {
      SetOne(4 * *size, option.source, ManagerOf(option));
    } else {
      const auto limits = DefaultLimitsOf(running_.traits, *size);
      Set(is_for_buckets ? limits.buckets
                         : (setting_.name == kSizes[1] ? limits.max : limits.expect_max),
          option.source, ManagerOf(option));
    }
  }

  void TakePlan(const SysctlPlan& plan, std::string_view manager, bool in_time) {
    if (const auto* line = LastOf(plan)) Take(*line, manager, in_time);
  }

  void Take(const SysctlAssignment& line, std::string_view manager, bool in_time) {
    const auto parsed = ParseSettingValue(setting_.name, *line.value);
    VainLine vain{DriftReason::kInvalidValue, line.source, {}, std::string(manager), {}};
    if (!parsed) {
      vain.problem = parsed.error().message;
      if (!outcome_.vain || outcome_.vain->source != line.source) outcome_.vain = std::move(vain);
      return;
    }
    if (!IsValidEverywhere(setting_.name, *parsed)) {
      return Doubt({line.source, "not every kernel takes " + std::to_string(*parsed), {}});
    }
    const bool is_for_buckets = setting_.name == kBucketsSetting;
    const auto value = is_for_buckets ? running_.traits.RoundedUp(*parsed) : *parsed;
    const bool read_only = is_for_buckets && running_.buckets_read_only;
    if (read_only || !in_time) {
      vain.reason = read_only ? DriftReason::kReadOnly : DriftReason::kBeforeModule;
      vain.value = value;
      outcome_.vain = std::move(vain);
    } else if (!line.at_least) {
      SetOne(value, line.source, manager);
    } else if (!outcome_.doubt && outcome_.value) {
      const auto& now = *outcome_.value;
      if (now.least >= value) return;
      Set({value, std::max(now.most, value), now.most > value}, line.source, manager);
    }
  }

  /// An unreadable file may set what no later file sets.
  void TakeFilesDoubts(bool in_time) {
    const auto* line = LastOf(boot_.files);
    for (const auto& doubt : boot_.files_doubts) {
      const bool is_last =
          line == nullptr || BaseName(doubt.source.file) >= BaseName(line->source.file);
      if (in_time && is_last) Doubt(doubt);
    }
  }

  void WhenLoaded(std::string_view manager) {
    const auto owners = OwnersOf(boot_, setting_);
    for (const auto& step : boot_.when_loaded) {
      if (step.manager != manager || std::ranges::find(owners, step.module) == owners.end())
        continue;
      TakePlan(step.plan, manager, true);
      for (const auto& doubt : step.doubts) Doubt(doubt, step.manager);
    }
  }

  /// Handles a writer of which some versions only raise a value. It does lower a value if the
  /// kernel's default is larger than what the writer sets, and the lower value is running.
  void TakeLowering(const SysctlAssignment& line, const BootWriter& writer,
                    const BootOutcome& by_then) {
    const auto value = ParseSettingValue(setting_.name, *line.value);
    if (!value || (by_then.value && by_then.value->most <= *value)) return;
    const bool did = !by_then.source && by_then.value && by_then.value->least > *value &&
                     setting_.value == *value;
    if (did) return SetOne(*value, line.source, writer.manager);
    Doubt({line.source, writer.may_lower, {}}, writer.manager);
  }

  void TakeWriter(const BootWriter& writer) {
    const auto before = outcome_;
    for (const auto& line : writer.assignments) {
      if (std::ranges::find(setting_.keys, line.key) == setting_.keys.end() || !line.value)
        continue;
      const auto now = outcome_;
      Take(line, writer.manager, true);
      if (!writer.may_lower.empty() && line.at_least && !now.doubt) TakeLowering(line, writer, now);
    }
    if (writer.reapplies_sysctl_files) {
      for (const auto* plan : {&boot_.files, &boot_.unlinked}) {
        const auto* line = LastOf(*plan);
        // Not files of distributions, in /usr/lib.
        if (line != nullptr && !line->source.file.starts_with("/usr/")) {
          Take(*line, writer.manager, true);
        }
      }
    }
    const bool sets =
        outcome_.value != before.value || outcome_.vain.has_value() != before.vain.has_value();
    if (sets && !order_.early && !writer.loads_module && outcome_.source) {
      constexpr const char* kReason = "it is unknown whether nf_conntrack is loaded by then";
      Doubt({*outcome_.source, kReason, {}, kUnknownLoad}, writer.manager);
    }
    for (const auto& doubt : writer.doubts) Doubt(doubt, writer.manager);
  }

  void TakeUnlinked() {
    const auto* line = LastOf(boot_.unlinked);
    if (line == nullptr || outcome_.source || outcome_.vain || outcome_.doubt) return;
    outcome_.vain = {DriftReason::kNotAppliedAtBoot, line->source, {}, {}, {}};
  }

  const BootConfig& boot_;
  const RunningKernel& running_;
  const RunningSetting& setting_;
  const BootOrder order_;
  BootOutcome outcome_;
};

}  // namespace

BootOutcome OutcomeOf(const BootConfig& boot, const RunningKernel& running,
                      const RunningSetting& setting, BootOrder order) {
  return Boot(boot, running, setting, order).Run();
}

std::vector<std::string> OwnersOf(const BootConfig& boot, const RunningSetting& setting) {
  if (!boot.protocols_apart) return {kConntrackModule};
  const auto is = [&](std::string_view prefix) {
    return setting.name.starts_with("nf_conntrack_" + std::string(prefix));
  };
  if (is("tcp_") || is("udp_")) return {"nf_conntrack_ipv4", "nf_conntrack_ipv6"};
  if (is("icmp_")) return {"nf_conntrack_ipv4"};
  if (is("icmpv6_")) return {"nf_conntrack_ipv6"};
  // Those kernels have them in separate modules or in nf_conntrack.
  if (is("sctp_") || is("dccp_") || is("gre_") || is("udplite_")) return {};
  const auto* line = boot.files.Last(setting.keys);
  if (line != nullptr && line->key.starts_with(kCompatFolder)) return {"nf_conntrack_ipv4"};
  return {kConntrackModule};
}

}  // namespace conntrack::kernel
