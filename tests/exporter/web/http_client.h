// A client that says exactly what a test wants said, also what no proper client would say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {

struct Reply {
  int status = 0;    ///< 0: the connection ended before a whole head came.
  std::string head;  ///< With the status line and the empty line.
  std::string body;

  /// The value of a header, empty where there is none.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

/// One TCP connection to 127.0.0.1. Every wait ends after a time that no healthy test comes near.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);

  /// False where the server has closed.
  bool Send(std::string_view bytes);

  /// The next answer, its body as long as Content-Length says (none after HEAD).
  [[nodiscard]] Reply Read(bool head_only = false);

  /// Sends "METHOD path HTTP/1.1" with the headers given ("Name: value\r\n"...) and reads the
  /// answer.
  [[nodiscard]] Reply Ask(std::string_view method, std::string_view path,
                          std::string_view headers = "");

  /// Until an answer begins to come, or the patience is over. Takes nothing of it.
  [[nodiscard]] bool WaitForData() const;

  /// Whether the server ends the connection (true) or the test has waited in vain (false).
  [[nodiscard]] bool WaitForClose();

 private:
  bool Receive();

  kernel::UniqueFd fd_;
  std::string pending_;
  bool timed_out_ = false;
};

/// One request on a connection of its own.
[[nodiscard]] Reply Get(std::uint16_t port, std::string_view path, std::string_view headers = "");

}  // namespace conntrack::exporter::web
