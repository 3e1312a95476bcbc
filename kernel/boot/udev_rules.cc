#include "kernel/boot/udev_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "kernel/boot/boot_command.h"
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

using Runs = UdevAction::Runs;

/// Whether the condition holds when the module is loaded.
Runs IsMet(const UdevToken& token, const std::string& module) {
  std::string actual;
  if (token.key == "ACTION") actual = "add";
  if (token.key == "SUBSYSTEM" || token.key == "SUBSYSTEMS") actual = "module";
  if (token.key == "KERNEL" || token.key == "KERNELS") actual = module;
  if (token.key == "DEVPATH") actual = "/module/" + module;
  const bool equals = token.operation == "==";
  if (actual.empty()) {
    // These decide with any operator.
    const bool asks = token.key == "PROGRAM" || token.key == "IMPORT";
    return asks || equals || token.operation == "!=" ? Runs::kMaybe : Runs::kYes;
  }
  return equals == MatchesOne(token.value, actual.c_str()) ? Runs::kYes : Runs::kNot;
}

bool IsAction(const UdevToken& token) {
  constexpr std::string_view kActions[] = {"RUN", "PROGRAM", "IMPORT", "SYSCTL", "ATTR"};
  return std::ranges::find(kActions, token.key) != std::end(kActions) &&
         (token.operation != "==" && token.operation != "!=");
}

const UdevToken* FindToken(const UdevRule& rule, std::string_view key) {
  const auto found = std::ranges::find(rule.tokens, key, &UdevToken::key);
  return found == rule.tokens.end() ? nullptr : &*found;
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

std::vector<UdevAction> ActionsOf(const std::vector<UdevRule>& rules, const std::string& module) {
  std::vector<UdevAction> actions;
  const UdevToken* jump = nullptr;
  auto passed = Runs::kYes;  // whether the rule is reached
  for (const auto& rule : rules) {
    const auto* label = FindToken(rule, "LABEL");
    if (jump != nullptr && label != nullptr && label->value == jump->value) {
      jump = nullptr;
      passed = Runs::kYes;
    }
    auto runs = passed;
    for (const auto& token : rule.tokens) runs = std::min(runs, IsMet(token, module));
    const bool of_module = FindToken(rule, "KERNEL") != nullptr;
    for (const auto& token : rule.tokens) {
      if (IsAction(token)) actions.push_back({token, runs, of_module, rule.line});
    }
    const auto* leap = FindToken(rule, "GOTO");
    if (leap == nullptr || runs == Runs::kNot || jump != nullptr) continue;
    jump = leap;
    passed = runs == Runs::kYes ? Runs::kNot : Runs::kMaybe;
  }
  return actions;
}

std::string WithoutProperties(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if ((c != '$' && c != '%') || text.empty()) {
      plain += c;
      continue;
    }
    const auto end = c == '%' ? 1 : text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    text.remove_prefix(std::min(end, text.size()));
    if (text.starts_with('{')) (void)TakeUntil(text, '}');
    plain += kOfTheDevice;
  }
  return plain;
}

}  // namespace conntrack::kernel
