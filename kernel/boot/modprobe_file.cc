#include "kernel/boot/modprobe_file.h"

#include <algorithm>

#include "kernel/boot/text_line.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

/// Cuts the next line off the front, joined with those that it goes on in; adds their number to
/// `line`.
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

}  // namespace conntrack::kernel
