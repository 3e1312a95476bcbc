#include "kernel/boot/modules.h"

#include <algorithm>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// Cuts off the next line with its continuation lines, and adds their number to `line`.
std::string TakeWrappedLine(std::string_view& text, std::size_t& line) {
  std::string whole;
  while (!text.empty()) {
    whole += TakeLine(text);
    ++line;
    if (!whole.ends_with('\\')) break;
    whole.pop_back();
  }
  return whole;
}

constexpr std::string_view kConntrack = "nf_conntrack";

/// "kernel/net/netfilter/nf_nat.ko.xz" is nf_nat.
std::string ModuleOfPath(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  return ModuleName(path.substr(0, path.find('.')));
}

/// Its own name and MODULE_ALIAS() of nf_conntrack_proto.c.
std::set<std::string> ConntrackAliases() {
  return {std::string(kConntrack), "ip_conntrack", "nf_conntrack_2", "nf_conntrack_10"};
}

}  // namespace

std::vector<ModprobeLine> ParseModprobeFile(std::string_view text) {
  std::vector<ModprobeLine> lines;
  for (std::size_t number = 0; !text.empty();) {
    const std::size_t first = number + 1;
    const auto whole = TakeWrappedLine(text, number);
    std::string_view rest = whole;
    const auto command = TakeWord(rest);
    const auto module = TakeWord(rest);
    rest = Strip(rest);
    if (rest.empty() || (command != "options" && command != "install")) continue;
    lines.push_back(
        {command == "options" ? ModprobeLine::Command::kOptions : ModprobeLine::Command::kInstall,
         ModuleName(module), std::string(rest), first});
  }
  return lines;
}

std::string_view LastOption(std::string_view options, std::string_view name) {
  std::string_view last;
  for (auto word = TakeWord(options); !word.empty(); word = TakeWord(options)) {
    if (!word.starts_with(name) || !word.substr(name.size()).starts_with('=')) continue;
    last = word.substr(name.size() + 1);
    if (last.size() >= 2 && last.front() == '"' && last.back() == '"') {
      last = last.substr(1, last.size() - 2);
    }
  }
  return last;
}

std::vector<std::string> ParseModulesLoadFile(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    names.push_back(ModuleName(line));
  }
  return names;
}

std::string ModuleName(std::string_view name) {
  std::string module(name);
  std::replace(module.begin(), module.end(), '-', '_');
  return module;
}

std::set<std::string> ConntrackDependents(std::string_view modules_dep) {
  auto names = ConntrackAliases();
  while (!modules_dep.empty()) {
    auto needed = TakeLine(modules_dep);
    const auto module = TakeUntil(needed, ':');
    for (auto word = TakeWord(needed); !word.empty(); word = TakeWord(needed)) {
      if (ModuleOfPath(word) == kConntrack) names.insert(ModuleOfPath(module));
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
    if (ModuleOfPath(Strip(TakeLine(modules_builtin))) == kConntrack) return true;
  }
  return false;
}

}  // namespace conntrack::kernel
