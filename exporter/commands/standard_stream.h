// Standard output and standard error of the commands.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace conntrack::exporter {

/// \brief  Returns `text` made printable (see printable_text.h), except newlines, tabs and the
/// escape codes in terminal.h.
///
/// The functions in terminal.h already make their text printable, including newlines. This covers
/// the rest: messages of libraries, quoted flags, and text that a caller forgot to make printable.
[[nodiscard]] std::string PrintableOutput(std::string_view text);

/// \brief  Replaces the buffer of a stream during its lifetime. Passes output through
/// PrintableOutput() to a descriptor, and remembers an error of write(2).
/// Threads and cost: one thread, like the stream; one write(2) for whole lines.
class StandardStream : public std::streambuf {
 public:
  /// `stream` must outlive it.
  StandardStream(std::ostream& stream, int descriptor);
  ~StandardStream() override;
  StandardStream(const StandardStream&) = delete;
  StandardStream& operator=(const StandardStream&) = delete;

  /// Writes the remaining output. Returns errno of the first write(2) that failed, 0 if none
  /// failed.
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
  std::string pending_;  ///< Incomplete line.
  int error_ = 0;
};

}  // namespace conntrack::exporter
