#include "kernel/boot/udev_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// One `KEY{attribute}OPERATOR"value"` token.
struct UdevToken {
  std::string key;
  std::string attribute;
  std::string operation;
  std::string value;
};

constexpr std::string_view kOperations[] = {"==", "!=", "+=", "-=", ":=", "="};

/// Removes and returns a quoted value; std::nullopt if there is none.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  (void)TakePrefix(text, "e");  // e"..." has escapes; none are needed here
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
    token.attribute = text.substr(1, closing - 1);
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

/// Returns the tokens of a rule; empty if it is invalid.
std::vector<UdevToken> ParseRule(std::string_view text) {
  std::vector<UdevToken> tokens;
  for (text = Strip(text); !text.empty(); text = Strip(text)) {
    if (TakePrefix(text, ",")) continue;
    auto token = TakeToken(text);
    if (!token) return {};
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

/// Returns whether `text` matches one of the patterns in "a|b*".
bool MatchesOne(std::string_view patterns, const char* text) {
  do {
    if (::fnmatch(std::string(TakeUntil(patterns, '|')).c_str(), text, 0) == 0) return true;
  } while (!patterns.empty());
  return false;
}

enum class Runs { kNot, kMaybe, kYes };

/// Returns whether the condition holds when the module is loaded.
Runs IsMet(const UdevToken& token, const std::string& module) {
  std::string actual;
  if (token.key == "ACTION") actual = "add";
  if (token.key == "SUBSYSTEM" || token.key == "SUBSYSTEMS") actual = "module";
  if (token.key == "KERNEL" || token.key == "KERNELS") actual = module;
  if (token.key == "DEVPATH") actual = "/module/" + module;
  const bool equals = token.operation == "==";
  if (actual.empty()) {
    // These are conditions with any operator.
    const bool asks = token.key == "PROGRAM" || token.key == "IMPORT";
    return asks || equals || token.operation == "!=" ? Runs::kMaybe : Runs::kYes;
  }
  return equals == MatchesOne(token.value, actual.c_str()) ? Runs::kYes : Runs::kNot;
}

/// Returns what a token runs or writes, as a command; empty if nothing.
std::string CommandOf(const UdevToken& token) {
  if (token.operation == "==" || token.operation == "!=" || token.attribute == "builtin") return {};
  if (token.key == "RUN" || token.key == "PROGRAM" || token.key == "IMPORT") return token.value;
  if (token.key == "SYSCTL") return "/sbin/sysctl " + token.attribute + "=" + token.value;
  const bool sets_buckets = token.key == "ATTR" && token.attribute == "parameters/hashsize";
  return sets_buckets ? "/sys/module/nf_conntrack/parameters/hashsize" : "";
}

}  // namespace

std::vector<UdevCommand> ParseUdevRules(std::string_view text, const std::string& module) {
  std::vector<UdevCommand> commands;
  bool jumps = false;
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
    const auto tokens = ParseRule(line);
    auto runs = jumps ? Runs::kMaybe : Runs::kYes;
    bool of_module = false;
    for (const auto& token : tokens) {
      runs = std::min(runs, IsMet(token, module));
      of_module = of_module || token.key == "KERNEL";
      jumps = jumps || token.key == "GOTO";
    }
    for (const auto& token : tokens) {
      auto command = CommandOf(token);
      if (command.empty()) continue;
      const bool replaces = token.key == "RUN" && token.operation != "+=" && runs != Runs::kNot &&
                            (of_module || runs == Runs::kYes);
      const bool certain = runs == Runs::kYes && command.find_first_of("$%") == std::string::npos;
      commands.push_back({std::move(command), certain, of_module, replaces, first});
    }
  }
  return commands;
}

std::string WithoutProperties(std::string_view command) {
  constexpr std::string_view kEndWords = " \t'\";&|<>()`\\";
  std::string plain;
  bool cut = false;
  for (const char c : command) {
    cut = c == '$' || c == '%' || (cut && kEndWords.find(c) == std::string_view::npos);
    if (!cut) plain += c;
  }
  return plain;
}

}  // namespace conntrack::kernel
