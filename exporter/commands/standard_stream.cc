#include "exporter/commands/standard_stream.h"

#include <algorithm>
#include <cerrno>

#include "exporter/commands/terminal.h"
#include "exporter/process/atomic_file.h"
#include "exporter/process/printable_text.h"

namespace conntrack::exporter {
namespace {

/// Returns the escape code, newline or tab of ours at the beginning of `text`; empty if there is
/// none.
std::string_view OwnSequence(std::string_view text) {
  if (text.starts_with('\n') || text.starts_with('\t')) return text.substr(0, 1);
  const auto own = std::ranges::find_if(
      kEscapeCodes, [&](std::string_view code) { return text.starts_with(code); });
  return own == kEscapeCodes.end() ? std::string_view() : *own;
}

}  // namespace

std::string PrintableOutput(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const auto own = OwnSequence(text);
    printable += own;
    text.remove_prefix(own.size());
    if (!own.empty() || text.empty()) continue;
    const auto other = text.substr(0, text.find_first_of("\n\t\r\x1b", 1));
    printable += PrintableText(other);
    text.remove_prefix(other.size());
  }
  return printable;
}

StandardStream::StandardStream(std::ostream& stream, int descriptor)
    : stream_(stream), before_(stream.rdbuf(this)), descriptor_(descriptor) {}

StandardStream::~StandardStream() { stream_.rdbuf(before_); }

int StandardStream::Finish() {
  stream_.flush();
  return error_;
}

bool StandardStream::Write(std::size_t size) {
  const auto text = PrintableOutput(std::string_view(pending_).substr(0, size));
  pending_.erase(0, size);
  if (error_ == 0 && !WriteAll(descriptor_, text)) error_ = errno;
  return error_ == 0;
}

StandardStream::int_type StandardStream::overflow(int_type c) {
  const char letter = traits_type::to_char_type(c);
  return xsputn(&letter, 1) == 1 ? traits_type::not_eof(c) : traits_type::eof();
}

std::streamsize StandardStream::xsputn(const char* text, std::streamsize size) {
  pending_.append(text, static_cast<std::size_t>(size));
  // Writes whole lines at once, like a terminal, so that a slow command shows its progress.
  const auto lines = pending_.rfind('\n') + 1;
  return lines == 0 || Write(lines) ? size : 0;
}

int StandardStream::sync() { return pending_.empty() || Write(pending_.size()) ? 0 : -1; }

}  // namespace conntrack::exporter
