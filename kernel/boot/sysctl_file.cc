#include "kernel/boot/sysctl_file.h"

#include "kernel/boot/text_line.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {

std::string NormalizeSysctlKey(std::string_view key) {
  const auto first = key.find_first_of("./");
  const bool swap = first != std::string_view::npos && key[first] == '.';
  std::string path;
  for (char c : key) {
    if (swap && c == '.') {
      c = '/';
    } else if (swap && c == '/') {
      c = '.';
    }
    // No slash in front, none twice.
    if (c == '/' && (path.empty() || path.back() == '/')) continue;
    path += c;
  }
  if (path.ends_with('/')) path.pop_back();
  return path;
}

SysctlFile ParseSysctlFile(std::string_view text) {
  SysctlFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const bool dash = line.front() == '-';
    if (dash) line.remove_prefix(1);
    const auto equals = line.find('=');
    const bool assigns = equals != std::string_view::npos;
    auto key = NormalizeSysctlKey(Strip(line.substr(0, equals)));
    if (key.empty() || (!assigns && !dash)) {
      file.broken.push_back(number);
      continue;
    }
    SysctlLine entry{std::move(key), {}, number};
    if (assigns) entry.value = Strip(line.substr(equals + 1));
    file.lines.push_back(std::move(entry));
  }
  return file;
}

}  // namespace conntrack::kernel
