#include "kernel/kube_proxy.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "kernel/boot/root_files.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

struct ConfigKey {
  std::string_view path;
  std::string_view flag;
};

constexpr ConfigKey kConfigKeys[] = {
    {"mode", "proxy-mode"},
    {"conntrack.maxPerCore", "conntrack-max-per-core"},
    {"conntrack.min", "conntrack-min"},
    {"conntrack.tcpEstablishedTimeout", "conntrack-tcp-timeout-established"},
    {"conntrack.tcpCloseWaitTimeout", "conntrack-tcp-timeout-close-wait"},
    {"conntrack.tcpBeLiberal", "conntrack-tcp-be-liberal"},
    {"conntrack.udpTimeout", "conntrack-udp-timeout"},
    {"conntrack.udpStreamTimeout", "conntrack-udp-timeout-stream"},
};

KubeProxyOptions ParseFlags(std::span<const std::string> arguments) {
  KubeProxyOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view rest = arguments[i];
    if (!TakePrefix(rest, "--")) continue;
    const bool has_value = rest.find('=') != std::string_view::npos;
    const std::string flag(TakeUntil(rest, '='));
    if (has_value) {
      options[flag] = Unquoted(rest);
    } else if (flag == "conntrack-tcp-be-liberal") {
      options[flag] = "true";
    } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
      options[flag] = arguments[++i];
    }
  }
  return options;
}

/// Reads the file that --config names. It replaces the flags.
void FollowConfig(KubeProxy& proxy, const RootFiles& files) {
  const auto path = proxy.options.find("config");
  if (path == proxy.options.end()) return;
  proxy.source = path->second;
  const auto text = files.Read(proxy.source);
  if (!text) {
    proxy.unknown = "kube-proxy's configuration cannot be read: " + text.error().message;
  } else if (auto options = ParseKubeProxyConfig(*text)) {
    proxy.options = *std::move(options);
  } else {
    proxy.unknown = "kube-proxy's configuration is not understood";
  }
}

}  // namespace

std::optional<KubeProxyOptions> ParseKubeProxyConfig(std::string_view text) {
  if (text.find("kubeproxy.config.k8s.io/v1alpha1") == std::string_view::npos ||
      Strip(text).starts_with('{')) {
    return std::nullopt;
  }
  KubeProxyOptions options;
  std::string section;
  while (!text.empty()) {
    auto line = TakeLine(text);
    line = line.substr(0, line.find(" #"));
    const bool top = !line.starts_with(' ') && !line.starts_with('\t');
    const auto key = Strip(TakeUntil(line, ':'));
    const auto value = Strip(line);
    if (key.empty() || key.starts_with('#')) continue;
    if (top) section = key;
    if (key == "conntrack" && !value.empty() && value != "null") return std::nullopt;
    const auto path = top ? section : section + "." + std::string(key);
    const auto known = std::ranges::find(kConfigKeys, path, &ConfigKey::path);
    if (known == std::end(kConfigKeys) || value.empty() || value == "null") continue;
    options[std::string(known->flag)] = Unquoted(value);
  }
  return options;
}

std::optional<KubeProxy> ReadKubeProxy(const KernelFiles& proc, const ProcessSearch& processes) {
  if (const auto* process = processes.Find("kube-proxy")) {
    KubeProxy proxy{.source = "process kube-proxy", .options = ParseFlags(process->arguments)};
    if (process->arguments.empty()) proxy.unknown = "kube-proxy's command line cannot be read";
    FollowConfig(proxy, RootFiles(KernelFiles(proc.root() / std::to_string(process->id) / "root")));
    return proxy;
  }
  for (const std::string name : {"kubelite", "k3s-server", "k3s-agent", "openshift-sdn-n"}) {
    if (processes.Find(name) == nullptr) continue;
    return KubeProxy{"process " + name, {}, name + " may run kube-proxy with flags of its own"};
  }
  return std::nullopt;
}

}  // namespace conntrack::kernel
