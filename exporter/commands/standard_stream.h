// Standard output and standard error of the commands.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace conntrack::exporter {

/// \brief  `text` made printable (see printable_text.h), except newlines, tabs and the escape codes
/// that terminal.h writes.
///
/// The functions of terminal.h already make printable what they lay out, newlines too. This is for
/// everything else: messages of libraries, quoted flags, and what somebody forgets.
[[nodiscard]] std::string PrintableOutput(std::string_view text);

/// \brief  Replaces a stream's buffer as long as it lives. Passes what is written to the stream
/// through PrintableOutput() to a descriptor, and remembers an error of write(2).
/// Threads and cost: as the stream, one thread; one write(2) for whole lines.
class StandardStream : public std::streambuf {
 public:
  /// `stream` outlives it.
  StandardStream(std::ostream& stream, int descriptor);
  ~StandardStream() override;
  StandardStream(const StandardStream&) = delete;
  StandardStream& operator=(const StandardStream&) = delete;

  /// Writes what is left. Yields errno of the first write(2) that failed, 0 if none did.
  [[nodiscard]] int Finish();

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  [[nodiscard]] bool Write(std::size_t size);

  std::ostream& stream_;
  std::streambuf* const before_;
  const int descriptor_;
  std::string pending_;  ///< The beginning of a line.
  int error_ = 0;
};

}  // namespace conntrack::exporter
