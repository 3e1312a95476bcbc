#include "kernel/boot/boot_writers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "kernel/boot/boot_scripts.h"
#include "kernel/boot/tuned.h"
#include "kernel/kube_proxy.h"
#include "kernel/place.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// The value of a variable in a file of shell assignments, without quotes.
std::string ShellValue(std::string_view text, std::string_view name) {
  std::string value;
  while (!text.empty()) {
    auto line = Strip(TakeLine(text));
    if (!TakePrefix(line, name) || !TakePrefix(line, "=")) continue;
    if (line.size() >= 2 && line.front() == line.back() && (line[0] == '"' || line[0] == '\'')) {
      line = line.substr(1, line.size() - 2);
    }
    value = line;
  }
  return value;
}

/// ufw-init: loads its rules, then runs `sysctl -p` on a file of its own.
std::optional<BootWriter> ReadUfw(const KernelFiles& root) {
  constexpr const char* kConf = "/etc/ufw/ufw.conf";
  constexpr const char* kDefaults = "/etc/default/ufw";
  const RootFiles files(root);
  BootWriter ufw{.manager = "ufw", .loads_module = true};
  const auto doubt = [&ufw](const char* file, const std::string& reason) {
    ufw.doubts.push_back({{file, 0}, reason, {}});
    return ufw;
  };
  const auto conf = files.Read(kConf);
  if (!conf && conf.error().kind == ErrorKind::kAbsent) return std::nullopt;
  if (!conf) return doubt(kConf, conf.error().message);
  const auto enabled = ShellValue(*conf, "ENABLED");
  if (enabled != "yes" && enabled != "YES") return std::nullopt;
  const auto defaults = files.Read(kDefaults);
  if (!defaults) return doubt(kDefaults, defaults.error().message);
  const auto path = ShellValue(*defaults, "IPT_SYSCTL");
  if (path.empty()) return std::nullopt;
  const auto text = files.Read(path);
  if (!text && text.error().kind == ErrorKind::kAbsent && path.starts_with('/'))
    return std::nullopt;
  if (!text) return doubt(kDefaults, text.error().message);
  for (auto& assignment : ParseSysctlFile(path, *text)) {
    const bool is_ours = assignment.key.find("conntrack") != std::string::npos ||
                         assignment.key.find('*') != std::string::npos;
    if (is_ours && assignment.value) ufw.assignments.push_back(std::move(assignment));
  }
  if (ufw.assignments.empty()) return std::nullopt;
  return ufw;
}

/// Seconds of a duration of Go, "24h0m0s"; nothing for fractions.
std::optional<std::int64_t> ParseGoDuration(std::string_view text) {
  if (text == "0") return 0;
  std::int64_t seconds = 0;
  while (!text.empty()) {
    const auto unit = text.find_first_not_of("0123456789");
    const auto number = ParseNumber<std::int32_t>(text.substr(0, unit));
    if (!number || unit == std::string_view::npos) return std::nullopt;
    const auto kind = std::string_view("smh").find(text[unit]);
    if (kind == std::string_view::npos) return std::nullopt;
    constexpr std::int64_t kSeconds[] = {1, 60, 3600};
    seconds += *number * kSeconds[kind];
    text.remove_prefix(unit + 1);
  }
  return seconds;
}

struct KubeProxyTimeout {
  std::string_view flag;
  std::string_view setting;
  std::string_view by_default;
  std::array<std::int64_t, 2> of_kernel;  // by default, of different kernels
};

constexpr std::string_view kEstablished = "nf_conntrack_tcp_timeout_established";
constexpr std::string_view kCloseWait = "nf_conntrack_tcp_timeout_close_wait";

constexpr KubeProxyTimeout kKubeProxyTimeouts[] = {
    {"conntrack-tcp-timeout-established", kEstablished, "24h", {432'000, 432'000}},
    {"conntrack-tcp-timeout-close-wait", kCloseWait, "1h", {60, 60}},
    {"conntrack-udp-timeout", "nf_conntrack_udp_timeout", "0s", {30, 30}},
    {"conntrack-udp-timeout-stream", "nf_conntrack_udp_timeout_stream", "0s", {120, 180}},
};

constexpr std::string_view kMaxName = "nf_conntrack_max";
constexpr std::string_view kBucketsName = "nf_conntrack_buckets";
constexpr std::string_view kLiberalName = "nf_conntrack_tcp_be_liberal";

constexpr const char* kVersions =
    "kube-proxy 1.22 to 1.28 only raises settings, 1.36 and later only raises nf_conntrack_max, "
    "other versions set them";

/// What kube-proxy sets when it starts.
class KubeProxyWriter {
 public:
  KubeProxyWriter(const KubeProxy& proxy, const KernelFiles& proc, const KernelFiles& sys)
      : proxy_(proxy), hidden_(!proxy.unknown.empty()), proc_(proc), sys_(sys) {}

  std::vector<BootWriter> Write() {
    // No kernel has these by default. Where both run, it set what it sets by default.
    if (hidden_ && !(Runs(kEstablished, 86'400) && Runs(kCloseWait, 3600))) {
      DoubtAll();
    } else {
      SetLimit();
      for (const auto& timeout : kKubeProxyTimeouts) SetTimeout(timeout);
      SetLiberal();
    }
    return {std::move(sets_), std::move(raises_)};
  }

 private:
  [[nodiscard]] bool Runs(std::string_view setting, std::int64_t value) const {
    const auto running = ReadSysctl(proc_, std::string(setting));
    return running && *running == value;
  }

  [[nodiscard]] std::string_view Option(std::string_view flag, std::string_view by_default) const {
    const auto option = proxy_.options.find(flag);
    return hidden_ || option == proxy_.options.end() || option->second.empty() ? by_default
                                                                               : option->second;
  }

  /// Those that are online; 0 if unknown.
  [[nodiscard]] std::int64_t CountCpus() const {
    const auto online = sys_.Read("devices/system/cpu/online");
    if (const auto cpus = ParseCpuList(Strip(online.value_or(""))); cpus && !cpus->empty()) {
      return static_cast<std::int64_t>(cpus->size());
    }
    const auto topology = ReadCpuTopology(sys_);
    return topology ? static_cast<std::int64_t>(topology->present.size()) : 0;
  }

  void SetLimit() {
    // Since 1.36 it sets no more, however many CPUs there are.
    constexpr std::int64_t kMost = 1'048'576;
    const auto per_core = ParseNumber<std::int32_t>(Option("conntrack-max-per-core", "32768"));
    const auto least = ParseNumber<std::int32_t>(Option("conntrack-min", "131072"));
    if (per_core && *per_core <= 0) return;
    const auto cpus = CountCpus();
    if (!per_core || !least || cpus == 0) {
      return DoubtLimit("kube-proxy's limit depends on an option that is not understood");
    }
    const auto scaled = *per_core * cpus;
    if (scaled > kMost) {
      return DoubtLimit("kube-proxy sets more than 1048576 only before 1.36");
    }
    const auto limit = std::max(scaled, std::int64_t{*least});
    if (limit <= 0) return;
    if (hidden_ && !Runs(kMaxName, limit)) return DoubtLimit(proxy_.unknown);
    Add(sets_, kMaxName, limit, true);
    Add(raises_, kBucketsName, limit / 4, true);
  }

  void SetTimeout(const KubeProxyTimeout& timeout) {
    const auto& [flag, setting, by_default, of_kernel] = timeout;
    const auto seconds = ParseGoDuration(Option(flag, by_default));
    if (!seconds) {
      Doubt("--" + std::string(flag) + " is a duration that is not understood", setting);
    } else if (*seconds > 0) {
      // Where it runs already, it was set, and not only raised.
      Add(sets_, setting, *seconds, !Runs(setting, *seconds));
    } else if (hidden_ && !Runs(setting, of_kernel[0]) && !Runs(setting, of_kernel[1])) {
      Doubt(proxy_.unknown, setting);
    }
  }

  void SetLiberal() {
    if (Option("conntrack-tcp-be-liberal", "false") == "true") {
      Add(sets_, kLiberalName, 1, false);
    } else if (hidden_ && !Runs(kLiberalName, 0)) {
      Doubt(proxy_.unknown, kLiberalName);
    }
  }

  void DoubtLimit(const std::string& reason) {
    Doubt(reason, kMaxName);
    Doubt(reason, kBucketsName);
  }

  void DoubtAll() {
    DoubtLimit(proxy_.unknown);
    for (const auto& timeout : kKubeProxyTimeouts) Doubt(proxy_.unknown, timeout.setting);
    Doubt(proxy_.unknown, kLiberalName);
  }

  void Doubt(const std::string& reason, std::string_view setting) {
    sets_.doubts.push_back({{proxy_.source, 0}, reason, {std::string(setting)}});
  }

  void Add(BootWriter& writer, std::string_view setting, std::int64_t value, bool at_least) const {
    writer.assignments.push_back({"net/netfilter/" + std::string(setting),
                                  std::to_string(value),
                                  {proxy_.source, 0},
                                  at_least});
  }

  const KubeProxy& proxy_;
  const bool hidden_;  // Its options are.
  const KernelFiles& proc_;
  const KernelFiles& sys_;
  BootWriter sets_{.manager = "kube-proxy", .loads_module = true, .may_lower = kVersions};
  BootWriter raises_{.manager = "kube-proxy", .loads_module = true};
};

std::vector<BootWriter> ReadKubeProxyWriters(const KernelFiles& root, const KernelFiles& proc,
                                             const KernelFiles& sys,
                                             const ProcessSearch& services) {
  auto proxy = ReadKubeProxy(root, proc, services);
  if (!proxy) {
    const auto kubernetes = ReadKubernetes(root, proc, services);
    if (!kubernetes || !kubernetes->kubelet || kubernetes->kube_proxy == KubeProxyMode::kNone) {
      return {};
    }
    proxy = {kubernetes->sign, {}, "a Kubernetes node: kube-proxy may run where it cannot be seen"};
  }
  return KubeProxyWriter(*proxy, proc, sys).Write();
}

/// Proxmox VE's firewall sets these where it is on, by a configuration of the cluster.
std::optional<BootWriter> ReadPveFirewall(const KernelFiles& root, const ProcessSearch& services) {
  constexpr const char* kProgram = "/usr/sbin/pve-firewall";
  const bool runs = services.Find("pve-firewall") != nullptr;
  if (!runs && (services.complete || !RootFiles(root).Resolve(kProgram))) return std::nullopt;
  return BootWriter{
      .manager = "pve-firewall",
      .doubts = {{{kProgram, 0},
                  "Proxmox VE's firewall sets it where it is on",
                  {std::string(kMaxName), std::string(kBucketsName),
                   "nf_conntrack_tcp_timeout_established", "nf_conntrack_tcp_timeout_syn_recv"}}},
      .loads_module = true};
}

}  // namespace

std::vector<BootWriter> ReadBootWriters(const KernelFiles& root, const KernelFiles& proc,
                                        const KernelFiles& sys) {
  const auto services = FindServices(proc);
  std::vector<BootWriter> writers;
  const auto add = [&writers](std::optional<BootWriter> writer) {
    if (writer) writers.push_back(*std::move(writer));
  };
  add(ReadUfw(root));
  std::ranges::move(ReadBootScripts(root), std::back_inserter(writers));
  add(ReadTuned(root, services));
  add(ReadPveFirewall(root, services));
  std::ranges::move(ReadKubeProxyWriters(root, proc, sys, services), std::back_inserter(writers));
  std::erase_if(writers, [](const BootWriter& writer) {
    return writer.assignments.empty() && writer.doubts.empty() && !writer.reapplies_sysctl_files;
  });
  return writers;
}

}  // namespace conntrack::kernel
