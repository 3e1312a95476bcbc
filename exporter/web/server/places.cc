#include "exporter/web/server/places.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "exporter/web/server/source.h"

namespace conntrack::exporter::web {
namespace {

// Whoever waits at the door looks this often at how long the line has become meanwhile.
constexpr std::chrono::milliseconds kBetweenLooks{10};

// Whether something has arrived that no thread has had the time to read: then it is not the client
// who lets us wait.
bool HasUnread(int socket) {
  int bytes = 0;
  return ioctl(socket, FIONREAD, &bytes) == 0 && bytes > 0;
}

}  // namespace

std::chrono::milliseconds PatienceFor(std::size_t line, std::size_t places) {
  const auto share = Places::kLineWait * places / std::max<std::size_t>(line, 1);
  return std::clamp<std::chrono::milliseconds>(share, Places::kShortestPatience,
                                               Places::kLongestPatience);
}

Places::Places(std::size_t number, std::function<Crowd()> look)
    : number_(std::max<std::size_t>(number, 1)), look_(std::move(look)) {}

bool Places::Take() {
  std::unique_lock lock(mutex_);
  ++at_door_;
  while (!open_ && taken_ >= number_) {
    auto next = Clock::now() + kBetweenLooks;
    try {
      next = MakeRoom(Clock::now());
    } catch (const std::exception&) {  // no memory to look around; those who are in leave in time
    }
    changed_.wait_until(lock, next);
  }
  --at_door_;
  ++taken_;
  return !open_;
}

void Places::Give(const Client& client, Turn turn) {
  const std::scoped_lock lock(mutex_);
  Known& known = clients_[client];
  if (known.source.empty()) known.source = SourceOf(client.address);
  known.turn = turn;
  known.since = Clock::now();
}

void Places::Leave(const Client* client) {
  const std::scoped_lock lock(mutex_);
  if (client != nullptr) clients_.erase(*client);
  --taken_;
  changed_.notify_one();
}

bool Places::WasCut(const Client& client) const {
  const std::scoped_lock lock(mutex_);
  const auto found = clients_.find(client);
  return found != clients_.end() && found->second.cut;
}

bool Places::Crowded() const {
  const std::scoped_lock lock(mutex_);
  return at_door_ > 0;
}

std::uint64_t Places::cut() const {
  const std::scoped_lock lock(mutex_);
  return cut_;
}

void Places::Open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

// Cuts off as many as there are others who want in, and yields when to look again.
Places::Clock::time_point Places::MakeRoom(Clock::time_point now) {
  const std::scoped_lock lock(closing_);
  const Crowd crowd = look_();
  Recognize(crowd.connections, now);
  const std::size_t inside = clients_.size();
  const std::size_t wanting = crowd.line + inside - std::min(inside, taken_);
  auto leaving = static_cast<std::size_t>(std::count_if(
      clients_.begin(), clients_.end(), [](const auto& one) { return one.second.cut; }));
  const auto patience = PatienceFor(wanting, number_);
  for (; leaving < wanting; ++leaving) {
    Known* const client = NextToGo();
    if (client == nullptr) break;
    if (now < client->since + patience) {
      return std::min(client->since + patience, now + kBetweenLooks);
    }
    client->cut = true;
    ++cut_;
    // Its thread wakes up and leaves. Whoever has begun a request is told so, on the way that is
    // still open; half an answer is better ended.
    shutdown(client->socket, client->turn == Turn::kRequest ? SHUT_RD : SHUT_RDWR);
  }
  return now + kBetweenLooks;
}

// Makes clients_ those that are connected now.
void Places::Recognize(const std::vector<OpenConnection>& connections, Clock::time_point now) {
  Clients present;
  for (const OpenConnection& connection : connections) {
    auto known = clients_.extract(connection.client);
    if (known.empty()) {
      present.try_emplace(connection.client, Known{SourceOf(connection.client.address),
                                                   Turn::kRequest, now, false, connection.socket});
    } else {
      known.mapped().socket = connection.socket;
      present.insert(std::move(known));
    }
  }
  clients_ = std::move(present);
}

// Of the source that has most connections, the one that has let us wait longest.
Places::Known* Places::NextToGo() {
  std::map<std::string_view, std::size_t> count;
  for (const auto& [client, known] : clients_) {
    if (!known.cut) ++count[known.source];
  }
  Known* found = nullptr;
  for (auto& [client, known] : clients_) {
    if (known.cut || known.turn == Turn::kServer) continue;
    if (known.turn == Turn::kRequest && HasUnread(known.socket)) continue;
    const bool first = found == nullptr || count[known.source] > count[found->source] ||
                       (count[known.source] == count[found->source] && known.since < found->since);
    if (first) found = &known;
  }
  return found;
}

}  // namespace conntrack::exporter::web
