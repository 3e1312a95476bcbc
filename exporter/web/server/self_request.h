// A request of this process to itself, to check that its server responds.
#pragma once

#include <chrono>
#include <string>

namespace conntrack::exporter::web {

struct SelfRequest {
  enum class Outcome {
    kAnswered,
    kUnanswered,    ///< The kernel accepted it, but no thread served it.
    kNotConnected,  ///< Sandbox, packet filter, no loopback. Proves nothing.
  };

  Outcome outcome = Outcome::kNotConnected;
  std::string address;  ///< The address it connected to: "127.0.0.1:10318".
  std::string reason;   ///< Why there was no response.
};

/// \brief  Connects to a listening socket of this process, within one second, requests `path` and
/// waits for the response.
///
/// A socket that listens on all addresses is reached over loopback. Any response except 5xx counts.
/// With `tls` it also sends plain text, and the end of the connection counts as a response.
[[nodiscard]] SelfRequest AskItself(int listener, const std::string& path, bool tls,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace conntrack::exporter::web
