// Connection slots: how many connections are served at once, and which are closed when all slots
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

/// What the kernel shows of a server's connections.
struct ServerLoad {
  std::size_t backlog = 0;                 ///< Connections that are not accepted yet.
  std::vector<TcpConnection> connections;  ///< Accepted ones, with a slot or without.
};

/// \brief  A bounded number of slots. A connection holds one from accept to close.
///
/// While a connection waits for a slot, idle connections are evicted: of the client key (see
/// request_limit.h) with the most connections, the one that has been idle longest, so that one
/// client cannot take all slots. A connection is never evicted while the server has something to do
/// for it: its request has arrived, or there is room for more of the answer. The idle time allowed
/// depends on the accept backlog, which is to drain in about kBacklogDrainTime: a second if it is
/// short, a few milliseconds if it is thousands long. A scraper does not notice, because its request
/// arrives while it is in the backlog.
/// Threads: any number at once. No thread of its own: the waiting thread evicts.
class ConnectionSlots {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kMaxIdle{1'000};
  static constexpr std::chrono::milliseconds kMinIdle{5};
  static constexpr std::chrono::milliseconds kBacklogDrainTime{500};

  /// Who has to act next: the client in kReading (handshake, head of a request) and kWriting
  /// (taking the answer), the server in kHandling.
  enum class Phase { kReading, kHandling, kWriting };

  /// `number` is at least 1. `probe` is called while a connection waits for a slot, and by
  /// Stalled().
  ConnectionSlots(std::size_t number, std::function<ServerLoad()> probe);

  /// Waits for a free slot. Yields false only after Stop().
  [[nodiscard]] bool Acquire();
  /// A connection that never had a phase set counts as kReading since it was first probed.
  void SetPhase(const Peer& peer, Phase phase);
  /// Null where the peer is not known.
  void Release(const Peer* peer);
  /// Held from before a socket is closed until it is: else an eviction might hit a connection that
  /// has just got the same descriptor.
  [[nodiscard]] std::mutex& close_mutex() { return close_mutex_; }

  [[nodiscard]] bool WasEvicted(const Peer& peer) const;
  /// Whether a connection waits for a slot. Then no other is kept alive.
  [[nodiscard]] bool Contended() const;
  /// Called by each thread that serves connections, if their number changes.
  void ThreadBegins();
  void ThreadEnds();
  /// \brief  No more threads can be started. Until one ends, there is one slot less than threads,
  /// so that one of them can wait with the next connection, and evict. Evicts until no more slots
  /// than that are taken, for kMaxIdle at most.
  void NoMoreThreads();
  /// Since the start.
  [[nodiscard]] std::uint64_t evictions() const;
  /// How many connections have got a slot since the start.
  [[nodiscard]] std::uint64_t acquired() const;
  /// \brief  For how long connections have waited, in the accept backlog or for a thread or a slot,
  /// while none got a slot; 0 if none waits. The time begins with the first call that sees one
  /// wait.
  /// Threads and cost: one thread, which calls it regularly; one probe.
  [[nodiscard]] Clock::duration Stalled();
  /// Ends all waits, now and later: the server stops.
  void Stop();

 private:
  struct Connection {
    std::string client_key;
    Phase phase = Phase::kReading;
    Clock::time_point since;  ///< When the phase began.
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
  std::mutex close_mutex_;    ///< Taken after mutex_, where both are.
  mutable std::mutex mutex_;  ///< Guards what follows.
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
  std::optional<Clock::time_point> stalled_since_;  ///< If some waited then.
  bool stopping_ = false;
};

/// How long a connection may be idle while others wait for its slot.
[[nodiscard]] std::chrono::milliseconds IdleLimit(std::size_t backlog, std::size_t slots);

}  // namespace conntrack::exporter::web
