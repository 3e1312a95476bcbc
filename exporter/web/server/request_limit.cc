#include "exporter/web/server/request_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace conntrack::exporter::web {

std::string ClientKey(std::string_view address) {
  const std::string plain(address.substr(0, address.find('%')));  // without the interface
  in6_addr six{};
  if (inet_pton(AF_INET6, plain.c_str(), &six) != 1) return std::string(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    inet_ntop(AF_INET, &six.s6_addr[12], text.data(), text.size());
    return text.data();
  }
  std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &six, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

PerClientLimit::Permit PerClientLimit::TryAcquire(const std::string& client_key) {
  std::unique_lock lock(mutex_);
  const std::size_t open = by_client_.contains(client_key) ? number_ - reserved_ : number_;
  if (number_ != 0 && taken_ >= open) return nullptr;
  const auto held = by_client_.try_emplace(client_key).first;
  ++held->second;
  ++taken_;
  lock.unlock();  // the deleter takes it, also if the next statement throws
  return {this, [this, held](const void*) {
            const std::scoped_lock returning(mutex_);
            --taken_;
            if (--held->second == 0) by_client_.erase(held);
          }};
}

Handler RequestLimit::Guard(Handler handler) {
  return [this, handler = std::move(handler)](const HttpRequest& request) {
    const auto permit = permits_.TryAcquire(request.client_key);
    if (permit) return handler(request);
    return TryAgainLater("Limit of concurrent requests reached (" + std::to_string(most_) +
                         "), try again later.\n");
  };
}

}  // namespace conntrack::exporter::web
