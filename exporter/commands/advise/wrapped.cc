#include "exporter/commands/advise/wrapped.h"

#include "kernel/text.h"

namespace conntrack::exporter::advise {
namespace {

constexpr std::size_t kColumns = 100;

}  // namespace

std::string Wrapped(std::string_view text, std::string_view first, std::string_view next) {
  std::string wrapped;
  std::string line(first);
  bool empty = true;
  for (auto word = kernel::TakeWord(text); !word.empty(); word = kernel::TakeWord(text)) {
    if (!empty && line.size() + 1 + word.size() > kColumns) {
      wrapped += line + "\n";
      line = next;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return wrapped + line + "\n";
}

}  // namespace conntrack::exporter::advise
