#include "exporter/web/client/resolve.h"

#include <netdb.h>

#include <cstring>
#include <future>
#include <memory>
#include <thread>

namespace conntrack::exporter::web {
namespace {

Result<std::vector<SocketAddress>> LookUp(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) {
    return Fail(ErrorKind::kAbsent, "looking up " + host + ": " + ::gai_strerror(code),
                "write an address instead of a name");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    auto& address = addresses.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
  }
  return addresses;
}

}  // namespace

Result<std::vector<SocketAddress>> Resolve(const std::string& host, std::uint16_t port,
                                           Deadline deadline) {
  if (auto addresses = LookUp(host, port, AI_NUMERICHOST)) return addresses;
  std::packaged_task<Result<std::vector<SocketAddress>>()> look_up(
      [host, port] { return LookUp(host, port, 0); });
  auto answer = look_up.get_future();
  std::thread(std::move(look_up)).detach();
  if (answer.wait_until(deadline) != std::future_status::ready) {
    return Fail(ErrorKind::kTimeout, "looking up " + host + ": no answer in time",
                "write an address instead of a name");
  }
  return answer.get();
}

}  // namespace conntrack::exporter::web
