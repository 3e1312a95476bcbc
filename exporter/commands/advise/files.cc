#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "exporter/commands/advise/advise.h"
#include "exporter/commands/terminal.h"

namespace conntrack::exporter::advise {
namespace {

constexpr std::string_view kSysctlPath = "/etc/sysctl.d/90-conntrack.conf";

/// Returns lines of comment: "# ...".
std::string Comment(const std::string& text, const std::string& indent = "") {
  return Wrap(text, kLineWidth, indent + "# ", indent + "# ");
}

std::string Assignment(std::string_view sysctl, std::uint64_t value) {
  return "net.netfilter." + std::string(sysctl) + " = " + std::to_string(value) + "\n";
}

std::string Now(const std::optional<std::uint64_t>& now) {
  return now ? "Now " + std::to_string(*now) + ". " : "";
}

std::string Buckets(const SizingAdvice& advice) {
  const auto& buckets = advice.buckets;
  const auto assignment = Assignment("nf_conntrack_buckets", buckets.advised);
  if (!advice.buckets_by_sysctl) {
    return Comment(
               "Before Linux 4.9 this sysctl is read-only: set hashsize in modprobe.d instead.") +
           "# " + assignment;
  }
  return Comment("Set before the limit, so that there are always enough buckets. " +
                 Now(buckets.now) + "Advised: " + buckets.reason + ".") +
         assignment;
}

/// Comments out an assignment that kube-proxy would overwrite.
std::string UnlessOverwritten(const SizingAdvice& advice, bool overwritten,
                              const std::string& assignment, const std::string& instead) {
  if (!advice.kube_proxy || !overwritten) return assignment;
  if (!advice.kube_proxy->certain) {
    return Comment("If kube-proxy runs here, it overwrites this at each start: " + instead) +
           assignment;
  }
  return Comment("kube-proxy overwrites this at each start: " + instead) + "# " + assignment;
}

std::string Limit(const SizingAdvice& advice) {
  const bool overwritten = advice.kube_proxy && advice.kube_proxy->limit;
  return Comment(Now(advice.limit.now) + "Advised: " + advice.limit.reason + ".") +
         UnlessOverwritten(advice, overwritten,
                           Assignment("nf_conntrack_max", advice.limit.advised),
                           "kube-proxy.yaml, or --conntrack-max-per-core=0 and this line.");
}

std::string Timeout(const SizingAdvice& advice, const TimeoutAdvice& timeout) {
  const auto assignment = Assignment(timeout.rule.sysctl, timeout.advised);
  if (!timeout.exists) return Comment("This kernel does not have it:") + "# " + assignment;
  const auto kept = timeout.now && *timeout.now < timeout.rule.seconds
                        ? "Shorter than the starting point of " +
                              std::to_string(timeout.rule.seconds) + " already, and kept. "
                        : std::string();
  const bool overwritten =
      advice.kube_proxy && std::ranges::find(advice.kube_proxy->timeouts, timeout.rule.sysctl) !=
                               advice.kube_proxy->timeouts.end();
  return Comment(Now(timeout.now) + kept + "Lower: " + std::string(timeout.rule.risk) + ".") +
         UnlessOverwritten(advice, overwritten, assignment, "kube-proxy.yaml.");
}

std::string Extension(const ExtensionAdvice& extension) {
  const auto assignment = Assignment(extension.sysctl, 1);
  if (!extension.exists) return Comment("This kernel does not have it:") + "# " + assignment;
  return Comment(Now(extension.now) + "Applies to new entries only: " + extension.price + ".") +
         assignment;
}

/// Buckets, limit and timeouts, each with its reason. Settings that this kernel does not have are
/// comments.
std::string SysctlFile(const Machine& machine, const SizingAdvice& advice) {
  auto text = Comment(
      "Connection tracking: buckets, limit, timeouts. From conntrack_exporter "
      "advise; review it, then install it as /etc/sysctl.d/90-conntrack.conf.");
  text += Comment(
      "These keys exist once nf_conntrack is loaded: see the files for modules-load.d "
      "and udev.");
  if (machine.module == ModuleState::kNotLoaded) {
    text += Comment("It is not loaded here, so whether this kernel has each of them is not known.");
  }
  text += "\n" + Buckets(advice) + "\n" + Limit(advice) + "\n" +
          Comment(
              "Timeouts in seconds, a starting point for busy servers, for this network "
              "namespace only: pods and containers keep the kernel's defaults.");
  for (const auto& timeout : advice.timeouts) text += "\n" + Timeout(advice, timeout);
  for (const auto& extension : advice.extensions) text += "\n" + Extension(extension);
  return text;
}

/// Sets the buckets when the module is loaded.
std::string ModprobeFile(const Machine& /*machine*/, const SizingAdvice& advice) {
  const auto hashsize = std::to_string(advice.buckets.advised);
  return Comment(
             "Buckets of the connection tracking table. From conntrack_exporter advise; review "
             "it, then install it as /etc/modprobe.d/conntrack.conf.") +
         Comment(
             "With hashsize no resize is needed at boot. Before Linux 4.9 a sysctl file cannot "
             "set the buckets. hashsize also makes the limit 8 times as large, " +
             std::to_string(advice.buckets.advised * 8) +
             ", until the file in sysctl.d sets it: install both.") +
         "options nf_conntrack hashsize=" + hashsize + "\n";
}

/// Loads the module at boot, before systemd-sysctl.
std::string ModulesLoadFile(const Machine& machine, const SizingAdvice& /*advice*/) {
  return Comment(
             "Loads connection tracking at boot, before systemd-sysctl, so that its sysctls "
             "exist by then. From conntrack_exporter advise; review it, then install it as "
             "/etc/modules-load.d/conntrack.conf.") +
         "nf_conntrack\n" +
         (machine.protocols_apart ? Comment("Has the timeouts of TCP and UDP before Linux 4.19:") +
                                        "nf_conntrack_ipv4\n"
                                  : "");
}

/// Applies the sysctls again if the module is loaded later.
std::string UdevFile(const Machine& machine, const SizingAdvice& /*advice*/) {
  return Comment(
             "Applies the sysctls of connection tracking when its module is loaded after "
             "systemd-sysctl has run, by the first firewall rule that needs it. From "
             "conntrack_exporter advise; review it, then install it as "
             "/etc/udev/rules.d/90-conntrack.rules.") +
         "ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack" +
         (machine.protocols_apart ? "|nf_conntrack_ipv4" : "") +
         "\", "
         "RUN+=\"/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n";
}

/// Returns one rule for packets to or from the target; empty if both are the same rule.
using Rule = std::string (*)(const NotrackTarget& target, bool to);

std::string BothDirections(const NotrackTarget& target, Rule rule, const std::string& before) {
  const auto text = before + rule(target, true) + "\n";
  const bool has_ends = target.port != 0 || target.network;
  return has_ends ? text + before + rule(target, false) + "\n"
                  : before + "# " + ToString(target) + "\n" + text;
}

/// Active rules, then proposals as comments.
std::string Rules(const SizingAdvice& advice, Rule rule, const std::string& indent) {
  std::string text;
  for (const auto& target : advice.notrack) text += BothDirections(target, rule, indent);
  for (const auto& [target, flows, translated] : advice.proposals) {
    text += Comment("proposed: " + ToString(target) + " has " + std::to_string(flows) + " flows",
                    indent);
    text += BothDirections(target, rule, indent + "# ");
  }
  return text;
}

std::string Head(const SizingAdvice& advice) {
  auto text = Comment(
      "Exempts packets from connection tracking. From conntrack_exporter advise; review it before "
      "it is loaded.");
  for (const auto& warning : NotrackWarnings()) text += Comment(warning);
  if (advice.notrack.empty()) {
    text += Comment(
        "No rule is active: --notrack activates rules, as for udp/53, bgp or 10.0.0.0/8." +
        std::string(advice.proposals.empty() ? "" : " Candidates are proposed as comments."));
  }
  return text;
}

std::string NftRule(const NotrackTarget& target, bool to) {
  if (target.network) {
    return (target.network->family == AF_INET ? "ip " : "ip6 ") + std::string(to ? "d" : "s") +
           "addr " + ToString(*target.network) + " notrack";
  }
  if (target.port == 0) return "meta l4proto " + ProtocolOf(target) + " notrack";
  return ProtocolOf(target) + (to ? " dport " : " sport ") + std::to_string(target.port) +
         " notrack";
}

/// With -4 or -6, the restore command of the other family skips the line.
std::string IptablesRule(const NotrackTarget& target, bool to) {
  std::string match;
  if (target.network) {
    match = (target.network->family == AF_INET ? "-4" : "-6") + std::string(to ? " -d " : " -s ") +
            ToString(*target.network);
  } else {
    match = "-p " + ProtocolOf(target);
    if (target.port != 0) match += (to ? " --dport " : " --sport ") + std::to_string(target.port);
  }
  return "-A CONNTRACK_NOTRACK " + match + " -j CT --notrack";
}

/// Its own table for `nft -f`, which can be loaded repeatedly and deleted. Rules cover both
/// directions and both chains: incoming and forwarded packets pass prerouting, packets of this host
/// pass output, and the service may be either end.
std::string NftNotrackFile(const Machine& /*machine*/, const SizingAdvice& advice) {
  const auto chain = [&](const std::string& hook) {
    return "  chain " + hook + " {\n    type filter hook " + hook +
           " priority raw; policy accept;\n" + Rules(advice, NftRule, "    ") + "  }\n";
  };
  return Head(advice) +
         "# Check:  nft -c -f FILE\n# Load:   nft -f FILE (again: replaces itself)\n" +
         "# Remove: nft delete table inet conntrack_notrack\n" +
         Comment(
             "To keep it across boots: install it as /etc/nftables/conntrack-notrack.nft, and name "
             "that in an include line at the end of /etc/nftables.conf (RHEL and Fedora: "
             "/etc/sysconfig/nftables.conf), which nftables.service loads: include "
             "\"/etc/nftables/conntrack-notrack.nft\". firewalld keeps other tables; where it runs "
             "instead of nftables.service, use its direct rules: see the file for iptables.") +
         Comment(
             "Entries that exist keep their place until they expire; packets that pass these "
             "rules do not renew them.") +
         "\ntable inet conntrack_notrack\ndelete table inet conntrack_notrack\n\n" +
         "table inet conntrack_notrack {\n" + chain("prerouting") + chain("output") + "}\n";
}

/// The same for `iptables-restore --noflush` and ip6tables-restore, in its own chain.
std::string IptablesNotrackFile(const Machine& /*machine*/, const SizingAdvice& advice) {
  return Head(advice) +
         "# For IPv4 with iptables-restore, and the same file for IPv6 with ip6tables-restore.\n"
         "# Check:  iptables-restore --test --noflush FILE\n"
         "# Load:   iptables-restore --noflush FILE (once; without --noflush it empties the table "
         "raw)\n"
         "# Remove: iptables -t raw -D PREROUTING -j CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -D OUTPUT -j CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -F CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -X CONNTRACK_NOTRACK\n" +
         Comment(
             "To keep it across boots, once loaded: netfilter-persistent save (Debian, Ubuntu: "
             "package iptables-persistent), or iptables-save > /etc/sysconfig/iptables and "
             "ip6tables-save > /etc/sysconfig/ip6tables (RHEL: package iptables-services).") +
         Comment(
             "With firewalld: a direct rule for each rule below (without -4 or -6), for PREROUTING "
             "and OUTPUT, ipv4 and ipv6, as here; then firewall-cmd --reload.") +
         "# firewall-cmd --permanent --direct --add-rule ipv4 raw PREROUTING 0 \\\n"
         "#   -p udp --dport 53 -j CT --notrack\n"
         "*raw\n"
         ":PREROUTING ACCEPT [0:0]\n"
         ":OUTPUT ACCEPT [0:0]\n"
         ":CONNTRACK_NOTRACK - [0:0]\n"
         "-A PREROUTING -j CONNTRACK_NOTRACK\n"
         "-A OUTPUT -j CONNTRACK_NOTRACK\n" +
         Rules(advice, IptablesRule, "") + "COMMIT\n";
}

std::string Seconds(const SizingAdvice& advice, std::string_view sysctl) {
  const auto found =
      std::find_if(advice.timeouts.begin(), advice.timeouts.end(),
                   [&](const auto& timeout) { return timeout.rule.sysctl == sysctl; });
  return std::to_string(found->advised) + "s";
}

/// The part of KubeProxyConfiguration v1alpha1 that kube-proxy would otherwise overwrite: the limit
/// and two timeouts.
std::string KubeProxyFile(const Machine& /*machine*/, const SizingAdvice& advice) {
  const auto limit = std::to_string(advice.limit.advised);
  return Comment(
             "Connection tracking settings for kube-proxy: merge them into its configuration "
             "(kubeadm: ConfigMap kube-system/kube-proxy, key config.conf), then restart its pods. "
             "From conntrack_exporter advise.") +
         Comment(
             "kube-proxy writes the limit and these two timeouts at each start, whatever "
             "sysctl.d says. It raises the buckets to a quarter of the limit only: for "
             "as many buckets as entries, install the sysctl file on the nodes too. It cannot be "
             "done from a pod's securityContext.sysctls, since limit and buckets are no sysctls "
             "of a namespace; where the nodes' own files are out of reach, a privileged "
             "initContainer in a DaemonSet with hostNetwork can write them.") +
         "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n"
         "kind: KubeProxyConfiguration\n"
         "conntrack:\n" +
         Comment(
             "The limit is the larger of min and maxPerCore x cores; with maxPerCore 0 kube-proxy "
             "ignores min and leaves the limit as the node has it.",
             "  ") +
         "  maxPerCore: 1\n  min: " + limit + "\n" +
         "  tcpEstablishedTimeout: " + Seconds(advice, "nf_conntrack_tcp_timeout_established") +
         "\n  tcpCloseWaitTimeout: " + Seconds(advice, "nf_conntrack_tcp_timeout_close_wait") +
         "\n" +
         Comment("The same as flags: --conntrack-max-per-core=1 --conntrack-min=" + limit +
                 " --conntrack-tcp-timeout-established=" +
                 Seconds(advice, "nf_conntrack_tcp_timeout_established") +
                 " --conntrack-tcp-timeout-close-wait=" +
                 Seconds(advice, "nf_conntrack_tcp_timeout_close_wait"));
}

constexpr std::array<AdviceFile, 8> kFiles = {{
    {Format::kSysctl, "sysctl.conf", kSysctlPath, SysctlFile},
    {Format::kModprobe, "modprobe.conf", "/etc/modprobe.d/conntrack.conf", ModprobeFile},
    {Format::kModulesLoad, "modules-load.conf", "/etc/modules-load.d/conntrack.conf",
     ModulesLoadFile},
    {Format::kUdev, "udev.rules", "/etc/udev/rules.d/90-conntrack.rules", UdevFile},
    {Format::kNftNotrack, "notrack.nft", "", NftNotrackFile},
    {Format::kIptablesNotrack, "notrack.iptables", "", IptablesNotrackFile},
    {Format::kKubernetes, "kube-proxy.yaml", "", KubeProxyFile},
    {Format::kJson, "advice.json", "", RenderJson},
}};

/// Quotes a word for the shell.
std::string Quoted(const std::string& word) {
  const auto plain = word.find_first_not_of(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:@%,-");
  if (plain == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::span<const AdviceFile> AdviceFiles() { return kFiles; }

std::optional<Error> WhyWithoutEffect(const AdviceFile& file, const Machine& machine,
                                      const SizingAdvice& advice) {
  if (file.format == Format::kKubernetes && !advice.kube_proxy) {
    return Error{ErrorKind::kHeldBack, 0, "no kube-proxy runs here",
                 machine.place.kubernetes
                     ? "the sysctl file on the node"
                     : "--profile kubernetes if this is to be a node with kube-proxy"};
  }
  if (file.installed_as.empty()) return std::nullopt;
  if (auto why = WhyNoBootFiles(machine.place)) return why;
  if (file.format == Format::kSysctl || machine.module != ModuleState::kBuiltIn) {
    return std::nullopt;
  }
  return Error{ErrorKind::kHeldBack, 0, "nf_conntrack is built into this kernel",
               "nf_conntrack.hashsize=" + std::to_string(advice.buckets.advised) +
                   " on the kernel's command line, and sysctl.conf"};
}

std::string InstallCommands(const Machine& machine, const SizingAdvice& advice,
                            std::string_view folder) {
  std::string commands;
  const auto path = [folder](std::string_view name) {
    return Quoted(std::string(folder) + "/" + std::string(name));
  };
  for (const auto& file : kFiles) {
    if (file.installed_as.empty() || WhyWithoutEffect(file, machine, advice)) continue;
    commands += "install -m 0644 " + path(file.name) + " " + std::string(file.installed_as) + "\n";
  }
  if (!commands.empty()) {
    if (machine.module == ModuleState::kNotLoaded) commands += "modprobe nf_conntrack\n";
    if (machine.module != ModuleState::kBuiltIn) commands += "udevadm control --reload\n";
    commands += "sysctl -p " + std::string(kSysctlPath) + "\n";
  }
  if (!advice.notrack.empty()) {
    commands += "nft -c -f " + path("notrack.nft") + " && nft -f " + path("notrack.nft") + "\n";
  }
  return commands;
}

}  // namespace conntrack::exporter::advise
