#include "exporter/web/server/connection_slots.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <tuple>
#include <utility>

#include "exporter/web/server/request_limit.h"

namespace conntrack::exporter::web {
namespace {

// Maximum interval at which a waiting thread checks the backlog.
constexpr std::chrono::milliseconds kProbeInterval{10};

// Whether only the client can continue. False if the serving thread has not yet read available
// bytes or used free room in the socket: on a busy host that can take longer than IdleLimit().
bool WaitsForClient(int socket, ConnectionSlots::Phase phase) {
  if (phase == ConnectionSlots::Phase::kHandling) return false;
  const bool reading = phase == ConnectionSlots::Phase::kReading;
  pollfd ready{socket, static_cast<short>(reading ? POLLIN : POLLOUT), 0};
  return poll(&ready, 1, 0) == 0;
}

}  // namespace

std::chrono::milliseconds IdleLimit(std::size_t backlog, std::size_t slots) {
  const auto share = ConnectionSlots::kBacklogDrainTime * slots / std::max<std::size_t>(backlog, 1);
  return std::clamp<std::chrono::milliseconds>(share, ConnectionSlots::kMinIdle,
                                               ConnectionSlots::kMaxIdle);
}

ConnectionSlots::ConnectionSlots(std::size_t number, std::function<ServerLoad()> probe)
    : most_(std::max<std::size_t>(number, 1)), probe_(std::move(probe)) {}

bool ConnectionSlots::Acquire() {
  std::unique_lock lock(mutex_);
  WaitWhile(lock, [this] { return taken_ >= number_; });
  ++taken_;
  ++acquired_;
  return !stopping_;
}

void ConnectionSlots::WaitWhile(std::unique_lock<std::mutex>& lock,
                                const std::function<bool()>& full) {
  ++waiters_;
  while (!stopping_ && full()) {
    auto next = Clock::now() + kProbeInterval;
    try {
      next = EvictIdle(Clock::now());
    } catch (const std::exception&) {  // no memory to probe; connections time out anyway
    }
    changed_.wait_until(lock, next);
  }
  --waiters_;
}

void ConnectionSlots::SetPhase(const Peer& peer, Phase phase) {
  const std::scoped_lock lock(mutex_);
  Connection& connection = connections_[peer];
  if (connection.client_key.empty()) connection.client_key = ClientKey(peer.address);
  connection.phase = phase;
  connection.since = Clock::now();
}

void ConnectionSlots::Release(const Peer* peer) {
  const std::scoped_lock lock(mutex_);
  if (peer != nullptr) connections_.erase(*peer);
  --taken_;
  changed_.notify_one();
}

bool ConnectionSlots::WasEvicted(const Peer& peer) const {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(peer);
  return found != connections_.end() && found->second.evicted;
}

bool ConnectionSlots::Contended() const {
  const std::scoped_lock lock(mutex_);
  return waiters_ > 0;
}

void ConnectionSlots::ThreadBegins() {
  const std::scoped_lock lock(mutex_);
  ++threads_;
  UseLimit();
}

void ConnectionSlots::ThreadEnds() {
  const std::scoped_lock lock(mutex_);
  --threads_;
  limited_ = false;  // it ended because it was idle
  UseLimit();
}

void ConnectionSlots::NoMoreThreads() {
  std::unique_lock lock(mutex_);
  limited_ = true;
  UseLimit();
  const auto end = Clock::now() + kMaxIdle;  // afterwards the caller may retry to start a thread
  WaitWhile(lock, [&] { return taken_ > number_ && Clock::now() < end; });
}

void ConnectionSlots::UseLimit() {
  number_ = limited_ ? std::clamp<std::size_t>(threads_, 2, most_ + 1) - 1 : most_;
  changed_.notify_all();
}

std::uint64_t ConnectionSlots::evictions() const {
  const std::scoped_lock lock(mutex_);
  return evictions_;
}

std::uint64_t ConnectionSlots::acquired() const {
  const std::scoped_lock lock(mutex_);
  return acquired_;
}

ConnectionSlots::Clock::duration ConnectionSlots::Stalled() {
  const ServerLoad load = probe_();
  const auto now = Clock::now();
  const std::scoped_lock lock(mutex_);
  const bool waiting = load.backlog > 0 || load.connections.size() > taken_;
  if (!waiting || acquired_ != acquired_before_) stalled_since_.reset();
  acquired_before_ = acquired_;
  if (waiting && !stalled_since_) stalled_since_ = now;
  return stalled_since_ ? now - *stalled_since_ : Clock::duration::zero();
}

void ConnectionSlots::Stop() {
  const std::scoped_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

// Evicts one connection per waiting connection, and returns when to probe again.
ConnectionSlots::Clock::time_point ConnectionSlots::EvictIdle(Clock::time_point now) {
  const std::scoped_lock lock(close_mutex_);
  const ServerLoad load = probe_();
  Refresh(load.connections, now);
  const std::size_t accepted = connections_.size();
  const std::size_t wanted = load.backlog + accepted - std::min(accepted, taken_);
  auto leaving = static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& entry) { return entry.second.evicted; }));
  const auto limit = IdleLimit(wanted, number_);
  for (; leaving < wanted; ++leaving) {
    Connection* const victim = PickVictim();
    if (victim == nullptr) break;
    const auto due = victim->since + limit;
    if (now < due) return std::min(due, now + kProbeInterval);
    victim->evicted = true;
    ++evictions_;
    // Wakes up its thread, which releases the slot. A client that has begun a request gets a
    // response on the half that stays open; an incomplete response is cut off.
    shutdown(victim->socket, victim->phase == Phase::kReading ? SHUT_RD : SHUT_RDWR);
  }
  return now + kProbeInterval;
}

// Updates connections_ to the open ones.
void ConnectionSlots::Refresh(const std::vector<TcpConnection>& open, Clock::time_point now) {
  std::map<Peer, Connection> present;
  for (const TcpConnection& one : open) {
    const auto known = connections_.find(one.peer);
    Connection& connection = present[one.peer];
    connection = known != connections_.end()
                     ? std::move(known->second)
                     : Connection{.client_key = ClientKey(one.peer.address), .since = now};
    connection.socket = one.socket;
  }
  connections_ = std::move(present);
}

// Returns the longest idle connection of the client key with the most connections.
ConnectionSlots::Connection* ConnectionSlots::PickVictim() {
  std::map<std::string_view, std::size_t> count;
  for (const auto& [peer, connection] : connections_) {
    if (!connection.evicted) ++count[connection.client_key];
  }
  Connection* victim = nullptr;
  for (auto& [peer, connection] : connections_) {
    if (connection.evicted || !WaitsForClient(connection.socket, connection.phase)) continue;
    const bool better =
        victim == nullptr || std::tuple(count[victim->client_key], connection.since) <
                                 std::tuple(count[connection.client_key], victim->since);
    if (better) victim = &connection;
  }
  return victim;
}

}  // namespace conntrack::exporter::web
