// A request of this process to itself, which shows that its server answers.
#pragma once

#include <chrono>
#include <string>

namespace conntrack::exporter::web {

struct SelfRequest {
  enum class Outcome {
    kAnswered,
    kUnanswered,    ///< The kernel took the connection, and no thread served it.
    kNotConnected,  ///< A sandbox, a packet filter, no loopback: nothing is known.
  };

  Outcome outcome = Outcome::kNotConnected;
  std::string address;  ///< That was connected to: "127.0.0.1:10318".
  std::string reason;   ///< Why there was no answer.
};

/// \brief  Connects to a listening socket of this process, within a second, requests `path` and waits
/// for the answer.
///
/// A socket that listens on every address is reached through loopback. Any answer will do but a 5xx.
/// Where `tls`, plain text is sent all the same: then the end of the connection is an answer too.
[[nodiscard]] SelfRequest AskItself(int listener, const std::string& path, bool tls,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace conntrack::exporter::web
