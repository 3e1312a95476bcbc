// The places of a server: how many connections are served at once, and who has to give way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/web/server/open_sockets.h"

namespace conntrack::exporter::web {

/// What is in front of a server and in it.
struct Crowd {
  std::size_t line = 0;                     ///< Connections that are not accepted yet.
  std::vector<OpenConnection> connections;  ///< Those that are, in a place or not.
};

/// \brief  A bounded number of places, each taken by a connection from its first moment to its
/// last.
///
/// Whoever comes when all are taken waits at the door, and while somebody waits, connections are
/// kept only by who uses them: the one that has let the server wait longest is cut off. First to go
/// are those of the source that has most, so that one source cannot take the places from another.
/// How long the server waits for a client depends on the line outside, so that the line is through
/// in about kLineWait, whatever each in it does: a second where it is short, a few milliseconds
/// where it is thousands long. A scraper does not notice: its request has come while it stood in
/// line. A request that has come is never cut off.
/// While there is room nothing is timed here, and nothing is cut off.
/// Threads: any number at once. No thread of its own: whoever waits at the door looks after the
/// rest.
class Places {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLongestPatience{1'000};
  static constexpr std::chrono::milliseconds kShortestPatience{5};
  static constexpr std::chrono::milliseconds kLineWait{500};

  /// Who is to move next.
  enum class Turn {
    kRequest,  ///< The client: a handshake, or the head of a request.
    kServer,   ///< The server: it works on the answer.
    kAnswer    ///< The client: to take the answer.
  };

  /// `number` is at least 1. `look` is called only while somebody waits at the door.
  Places(std::size_t number, std::function<Crowd()> look);

  /// Waits until there is a place. Yields false only after Open().
  [[nodiscard]] bool Take();
  /// Without it whoever is in a place is taken for one whose request is waited for, since the last
  /// that came from it before it was first looked at.
  void Give(const Client& client, Turn turn);
  /// Null where it is not known who it was.
  void Leave(const Client* client);
  /// From before its socket is closed until after it: else one that is cut off might be another
  /// that has just got the same number.
  [[nodiscard]] std::mutex& closing() { return closing_; }

  [[nodiscard]] bool WasCut(const Client& client) const;
  /// Whether somebody waits at the door, so that a connection had better not be kept open.
  [[nodiscard]] bool Crowded() const;
  /// How many were cut off since the start.
  [[nodiscard]] std::uint64_t cut() const;
  /// Nobody waits any more, now or later: the server stops.
  void Open();

 private:
  struct Known {
    std::string source;
    Turn turn = Turn::kRequest;
    Clock::time_point since;  ///< Of the turn, or when a stranger last sent anything.
    bool cut = false;
    int socket = -1;  ///< At the last look.
  };
  using Clients = std::map<Client, Known>;

  [[nodiscard]] Clock::time_point MakeRoom(Clock::time_point now);
  void Recognize(const std::vector<OpenConnection>& connections, Clock::time_point now);
  [[nodiscard]] Known* NextToGo();

  const std::size_t number_;
  const std::function<Crowd()> look_;
  std::mutex closing_;        ///< Taken after mutex_, where both are.
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable changed_;
  Clients clients_;
  std::size_t taken_ = 0;
  std::size_t at_door_ = 0;
  std::uint64_t cut_ = 0;
  bool open_ = false;
};

/// How long the server waits for a client while others want its place.
[[nodiscard]] std::chrono::milliseconds PatienceFor(std::size_t line, std::size_t places);

}  // namespace conntrack::exporter::web
