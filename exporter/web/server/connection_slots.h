// Connection slots: how many connections are served at once, and which are evicted when all slots
// are taken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/web/server/tcp_sockets.h"

namespace conntrack::exporter::web {

/// State of a server's connections in the kernel.
struct ServerLoad {
  std::size_t backlog = 0;                 ///< Connections that are not yet accepted.
  std::vector<TcpConnection> connections;  ///< Accepted ones, with or without a slot.
};

/// \brief  A bounded number of slots. A connection holds one from accept to close.
///
/// While a connection waits for a slot, idle connections are evicted: of the client key (see
/// request_limit.h) with the most connections, the one that has been idle longest, so that one
/// client cannot take all slots. A connection is never evicted while the server can continue with
/// it: its request has arrived, or there is room for more of the response. The allowed idle time
/// depends on the accept backlog, which should drain in about kBacklogDrainTime: one second if it
/// is short, a few milliseconds if it has thousands of connections. Scrapers do not notice, because
/// their request arrives while the connection is in the backlog.
/// Threads: any number of threads. It has no thread of its own: the waiting thread evicts.
class ConnectionSlots {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kMaxIdle{1'000};
  static constexpr std::chrono::milliseconds kMinIdle{5};
  static constexpr std::chrono::milliseconds kBacklogDrainTime{500};

  /// Which side must act next: the client in kReading (handshake, head of a request) and kWriting
  /// (accepting the response), the server in kHandling.
  enum class Phase { kReading, kHandling, kWriting };

  /// `number` is at least 1. `probe` is called while a connection waits for a slot, and by
  /// Stalled().
  ConnectionSlots(std::size_t number, std::function<ServerLoad()> probe);

  /// Waits for a free slot. Returns false only after Stop().
  [[nodiscard]] bool Acquire();
  /// A connection that never had a phase set counts as kReading since it was first probed.
  void SetPhase(const Peer& peer, Phase phase);
  /// `peer` is null if it is unknown.
  void Release(const Peer* peer);
  /// Held while a socket is being closed. Otherwise an eviction could hit a new connection with the
  /// same descriptor.
  [[nodiscard]] std::mutex& close_mutex() { return close_mutex_; }

  [[nodiscard]] bool WasEvicted(const Peer& peer) const;
  /// Returns whether a connection waits for a slot. No other is then kept alive.
  [[nodiscard]] bool Contended() const;
  /// Called by each thread that serves connections, if their number changes.
  void ThreadBegins();
  void ThreadEnds();
  /// \brief  Reports that no more threads can be started. Until one ends, there is one slot less
  /// than threads, so that one thread can wait with the next connection, and evict. Evicts until no
  /// more slots than that are taken, for kMaxIdle at most.
  void NoMoreThreads();
  /// Since the start.
  [[nodiscard]] std::uint64_t evictions() const;
  /// Returns how many connections have got a slot since the start.
  [[nodiscard]] std::uint64_t acquired() const;
  /// \brief  Returns how long connections have waited, in the accept backlog or for a thread or a
  /// slot, while none got a slot; 0 if none waits. The time begins with the first call that sees
  /// one wait.
  /// Threads and cost: call regularly from one thread; one probe.
  [[nodiscard]] Clock::duration Stalled();
  /// Ends all waits, now and later, because the server stops.
  void Stop();

 private:
  struct Connection {
    std::string client_key;
    Phase phase = Phase::kReading;
    Clock::time_point since;  ///< Start of the phase.
    bool evicted = false;
    int socket = -1;  ///< At the last probe.
  };

  void UseLimit();
  void WaitWhile(std::unique_lock<std::mutex>& lock, const std::function<bool()>& full);
  [[nodiscard]] Clock::time_point EvictIdle(Clock::time_point now);
  void Refresh(const std::vector<TcpConnection>& open, Clock::time_point now);
  [[nodiscard]] Connection* PickVictim();

  const std::size_t most_;
  const std::function<ServerLoad()> probe_;
  std::mutex close_mutex_;    ///< If both are taken, after mutex_.
  mutable std::mutex mutex_;  ///< Guards the members below.
  std::condition_variable changed_;
  std::map<Peer, Connection> connections_;
  std::size_t number_ = most_;
  std::size_t threads_ = 0;
  bool limited_ = false;  ///< By the number of threads.
  std::size_t taken_ = 0;
  std::size_t waiters_ = 0;
  std::uint64_t evictions_ = 0;
  std::uint64_t acquired_ = 0;
  std::uint64_t acquired_before_ = 0;               ///< At the last Stalled().
  std::optional<Clock::time_point> stalled_since_;  ///< Set if some waited then.
  bool stopping_ = false;
};

/// Returns how long a connection may be idle while others wait for its slot.
[[nodiscard]] std::chrono::milliseconds IdleLimit(std::size_t backlog, std::size_t slots);

}  // namespace conntrack::exporter::web
