#include "exporter/web/server/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace conntrack::exporter::web {

std::string SourceOf(std::string_view address) {
  const std::string plain(address.substr(0, address.find('%')));  // without an interface
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

}  // namespace conntrack::exporter::web
