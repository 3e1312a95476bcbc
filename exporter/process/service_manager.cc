#include "exporter/process/service_manager.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "kernel/text.h"

namespace conntrack::exporter {
namespace {

constexpr int kPatienceMilliseconds = 500;

Result<kernel::UniqueFd> ConnectToManager(std::string_view name) {
  const std::string variable = "NOTIFY_SOCKET=" + std::string(name);
  const std::string remedy = "start it from a unit with Type=notify, or unset NOTIFY_SOCKET";
  sockaddr_un address{};
  auto& path = address.sun_path;
  if (name.size() < 2 || name.size() >= sizeof path || (name[0] != '/' && name[0] != '@')) {
    return Fail(ErrorKind::kMalformed, variable + " is neither a path nor an abstract address",
                remedy);
  }
  address.sun_family = AF_UNIX;
  std::memcpy(path, name.data(), name.size());
  if (path[0] == '@') path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  kernel::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // POSIX passes all kinds of addresses as sockaddr.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (socket && ::connect(socket.get(), generic, size) == 0) return socket;
  auto error = ErrorFromErrno(errno, "connecting to " + variable);
  error.remedy = remedy;
  return Fail(std::move(error));
}

// WatchdogSec= of the unit, if it applies to this process.
std::optional<std::chrono::microseconds> WatchdogTimeout() {
  const char* microseconds = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  if (microseconds == nullptr) return std::nullopt;
  if (pid != nullptr && kernel::ParseNumber<pid_t>(pid) != ::getpid()) return std::nullopt;
  const auto timeout = kernel::ParseNumber<std::int64_t>(microseconds);
  if (!timeout || *timeout <= 0) return std::nullopt;
  return std::chrono::microseconds(*timeout);
}

}  // namespace

Result<ServiceManager> ServiceManager::FromEnvironment() {
  ServiceManager manager;
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return manager;
  auto socket = ConnectToManager(name);
  if (!socket) return Fail(socket.error());
  manager.socket_ = std::move(*socket);
  if (const auto timeout = WatchdogTimeout()) manager.watchdog_period_ = *timeout / 2;
  return manager;
}

void ServiceManager::Ready(std::string_view status) const {
  Send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceManager::Stopping() const { Send("STOPPING=1\nSTATUS=stopping"); }

void ServiceManager::Alive() const { Send("WATCHDOG=1"); }

void ServiceManager::Send(std::string_view text) const {
  if (!socket_) return;
  // A manager that does not read must not delay a stop.
  pollfd socket{socket_.get(), POLLOUT, 0};
  if (::poll(&socket, 1, kPatienceMilliseconds) != 1) return;
  // write(2), because the system call filter allows it, but not sending to an address.
  [[maybe_unused]] const auto sent = ::write(socket_.get(), text.data(), text.size());
}

}  // namespace conntrack::exporter
