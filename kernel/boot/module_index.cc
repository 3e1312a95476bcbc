#include "kernel/boot/module_index.h"

#include "kernel/boot/modprobe_file.h"
#include "kernel/boot/text_line.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kConntrack = "nf_conntrack";

/// "kernel/net/netfilter/nf_nat.ko.xz" is nf_nat.
std::string NameOf(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  return ModuleName(path.substr(0, path.find('.')));
}

/// Its own name and MODULE_ALIAS() of nf_conntrack_proto.c.
std::set<std::string> ConntrackAliases() {
  return {std::string(kConntrack), "ip_conntrack", "nf_conntrack_2", "nf_conntrack_10"};
}

}  // namespace

std::set<std::string> ConntrackDependents(std::string_view modules_dep) {
  auto names = ConntrackAliases();
  while (!modules_dep.empty()) {
    const auto line = TakeLine(modules_dep);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    auto needed = line.substr(colon + 1);
    for (auto word = TakeWord(needed); !word.empty(); word = TakeWord(needed)) {
      if (NameOf(word) == kConntrack) names.insert(NameOf(line.substr(0, colon)));
    }
  }
  return names;
}

std::set<std::string> CommonConntrackDependents() {
  auto names = ConntrackAliases();
  names.insert({"nf_conntrack_ipv4", "nf_conntrack_ipv6", "nf_conntrack_netlink",
                "nf_conntrack_ftp", "nf_conntrack_sip", "nf_conntrack_tftp", "nf_nat", "nft_ct",
                "nft_nat", "xt_conntrack", "xt_state", "xt_CT", "xt_connmark", "xt_MASQUERADE",
                "iptable_nat", "ip6table_nat", "ip_vs"});
  return names;
}

bool IsConntrackBuiltin(std::string_view modules_builtin) {
  while (!modules_builtin.empty()) {
    if (NameOf(Strip(TakeLine(modules_builtin))) == kConntrack) return true;
  }
  return false;
}

}  // namespace conntrack::kernel
