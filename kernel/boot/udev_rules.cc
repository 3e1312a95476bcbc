#include "kernel/boot/udev_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kOperations[] = {"==", "!=", "+=", "-=", ":=", "="};

/// Cuts off a quoted value; nothing if there is none.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  (void)TakePrefix(text, "e");  // e"..." has escapes; we need none of them
  if (!text.starts_with('"')) return std::nullopt;
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '"')
      ++at;
    else if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return value;
    }
    value += text[at];
  }
  return std::nullopt;
}

std::optional<UdevToken> TakeToken(std::string_view& text) {
  UdevToken token;
  const auto key_end = text.find_first_of("=!+-:{ \t");
  if (key_end == std::string_view::npos) return std::nullopt;
  token.key = text.substr(0, key_end);
  text.remove_prefix(key_end);
  if (text.starts_with('{')) {
    const auto closing = text.find('}');
    if (closing == std::string_view::npos) return std::nullopt;
    text.remove_prefix(closing + 1);
  }
  text = Strip(text);
  const auto operation =
      std::ranges::find_if(kOperations, [text](auto word) { return text.starts_with(word); });
  if (operation == std::end(kOperations)) return std::nullopt;
  token.operation = *operation;
  text = Strip(text.substr(operation->size()));
  auto value = TakeQuoted(text);
  if (!value) return std::nullopt;
  token.value = std::move(*value);
  return token;
}

std::optional<UdevRule> ParseRule(std::string_view text, std::size_t line) {
  UdevRule rule{{}, line};
  for (text = Strip(text); !text.empty(); text = Strip(text)) {
    if (TakePrefix(text, ",")) continue;
    auto token = TakeToken(text);
    if (!token) return std::nullopt;
    rule.tokens.push_back(std::move(*token));
  }
  return rule;
}

/// Whether `text` matches one of the patterns "a|b*".
bool MatchesOne(std::string_view patterns, const char* text) {
  do {
    if (::fnmatch(std::string(TakeUntil(patterns, '|')).c_str(), text, 0) == 0) return true;
  } while (!patterns.empty());
  return false;
}

/// The value of a key in the event of the module; null for keys that cannot be checked here.
const char* ConntrackEventValue(std::string_view key) {
  if (key == "ACTION") return "add";
  if (key == "SUBSYSTEM" || key == "SUBSYSTEMS") return "module";
  if (key == "KERNEL" || key == "KERNELS") return "nf_conntrack";
  if (key == "DEVPATH") return "/module/nf_conntrack";
  return nullptr;
}

bool IsMet(const UdevToken& token) {
  const auto* actual = ConntrackEventValue(token.key);
  if (actual == nullptr) return true;
  if (token.operation == "==") return MatchesOne(token.value, actual);
  return token.operation != "!=" || !MatchesOne(token.value, actual);
}

}  // namespace

std::vector<UdevRule> ParseUdevRules(std::string_view text) {
  std::vector<UdevRule> rules;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto first = number;
    std::string line(Strip(TakeLine(text)));
    if (line.empty() || line.front() == '#') continue;
    while (line.ends_with('\\')) {
      line.pop_back();
      if (text.empty()) break;
      line += Strip(TakeLine(text));
      ++number;
    }
    if (auto rule = ParseRule(line, first)) rules.push_back(std::move(*rule));
  }
  return rules;
}

std::vector<std::string> CommandsForConntrack(const UdevRule& rule) {
  std::vector<std::string> commands;
  if (!std::ranges::all_of(rule.tokens, IsMet)) return commands;
  for (const auto& token : rule.tokens) {
    if (token.key == "RUN" && token.operation != "-=") commands.push_back(token.value);
  }
  return commands;
}

}  // namespace conntrack::kernel
