// A request of this process to itself, to check that its server answers.
#pragma once

#include <chrono>
#include <string>

namespace conntrack::exporter::web {

struct SelfRequest {
  enum class Outcome {
    kAnswered,
    kUnanswered,    ///< The kernel took the connection, and no thread served it.
    kNotConnected,  ///< Because of a sandbox, a packet filter, no loopback. Proves nothing.
  };

  Outcome outcome = Outcome::kNotConnected;
  std::string address;  ///< The one it connected to: "127.0.0.1:10318".
  std::string reason;   ///< Why there was no answer.
};

/// \brief  Connects to a listening socket of this process, within a second, requests `path` and
/// waits for the answer.
///
/// A socket that listens on every address is reached through loopback. Any answer but a 5xx will
/// do. With `tls` it sends plain text all the same, and the end of the connection is an answer too.
[[nodiscard]] SelfRequest AskItself(int listener, const std::string& path, bool tls,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace conntrack::exporter::web
