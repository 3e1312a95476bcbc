#include "kernel/boot/kernel_command_line.h"

#include <algorithm>
#include <utility>

#include "kernel/boot/modules.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// Removes and returns the next word, without its quotes. A word may contain quoted blanks.
std::string TakeArgument(std::string_view& text) {
  std::string word;
  bool quoted = false;
  std::size_t used = 0;
  for (; used < text.size(); ++used) {
    const char c = text[used];
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\n')) {
      break;
    } else {
      word += c;
    }
  }
  text.remove_prefix(used);
  return word;
}

void AddModules(std::vector<std::string>& modules, std::string_view list) {
  while (!list.empty()) {
    if (const auto name = TakeUntil(list, ','); !name.empty()) modules.push_back(ModuleName(name));
  }
}

void TakeParameter(KernelCommandLine& line, std::string key, const std::string& value) {
  if (key.starts_with("sysctl.") || key.starts_with("sysctl/")) {
    key.erase(0, 7);
    std::replace(key.begin(), key.end(), '.', '/');
    if (!value.empty()) line.sysctls.push_back({std::move(key), value, {kCommandLine, 0}});
    return;
  }
  std::replace(key.begin(), key.end(), '-', '_');  // both are equal in parameter names
  if (key.starts_with("nf_conntrack.")) line.options.push_back(key.substr(13) + "=" + value);
  if (key == "modprobe.blacklist") AddModules(line.deny_listed, value);
  if (key == "module_blacklist") AddModules(line.forbidden, value);
}

}  // namespace

KernelCommandLine ParseKernelCommandLine(std::string_view text) {
  KernelCommandLine line;
  bool for_init = false;
  for (text = Strip(text); !text.empty(); text = Strip(text)) {
    const auto word = TakeArgument(text);
    if (word == "--") for_init = true;  // the kernel stops reading here, systemd does not
    const auto equals = word.find('=');
    if (equals == std::string::npos) continue;
    const auto key = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    if (key == "modules_load" || key == "modules-load") {
      AddModules(line.modules, value);
    } else if (key == "rd.modules_load" || key == "rd.modules-load") {
      AddModules(line.initrd_modules, value);
    } else if (!for_init) {
      TakeParameter(line, key, value);
    }
  }
  return line;
}

}  // namespace conntrack::kernel
