#include "kernel/namespaces/local_addresses.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kHexDigits = 32;

std::optional<LocalAddress> ParseIpv4(std::string_view text) {
  LocalAddress found{AF_INET, {}};
  if (::inet_pton(AF_INET, std::string(text).c_str(), found.address.data()) != 1) {
    return std::nullopt;
  }
  return found;
}

std::optional<LocalAddress> ParseHex(std::string_view digits) {
  if (digits.size() != kHexDigits) return std::nullopt;
  LocalAddress found{AF_INET6, {}};
  for (std::size_t i = 0; i < found.address.size(); ++i) {
    const auto byte = ParseNumber<std::uint8_t>(digits.substr(2 * i, 2), 16);
    if (!byte) return std::nullopt;
    found.address[i] = *byte;
  }
  return found;
}

}  // namespace

std::vector<LocalAddress> ParseFibTrie(std::string_view text) {
  std::vector<LocalAddress> found;
  std::optional<LocalAddress> leaf;
  while (!text.empty()) {
    auto line = TakeLine(text);
    const auto first = TakeWord(line);
    if (first == "|--") {
      leaf = ParseIpv4(TakeWord(line));
    } else if (leaf && first == "/32" && TakeWord(line) == "host" && TakeWord(line) == "LOCAL") {
      found.push_back(*leaf);
    }
  }
  std::sort(found.begin(), found.end());
  // They are in both tables, Main and Local.
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<LocalAddress> ParseIfInet6(std::string_view text) {
  std::vector<LocalAddress> found;
  while (!text.empty()) {
    auto line = TakeLine(text);
    if (const auto address = ParseHex(TakeWord(line))) found.push_back(*address);
  }
  return found;
}

Result<std::vector<LocalAddress>> ReadLocalAddresses(const KernelFiles& proc,
                                                     const std::string& folder) {
  const auto routes = proc.Read(folder + "/fib_trie");
  if (!routes) return Fail(routes.error());
  auto found = ParseFibTrie(*routes);
  const auto text = proc.Read(folder + "/if_inet6");
  if (!text && text.error().kind != ErrorKind::kAbsent) return Fail(text.error());
  const auto ipv6 = ParseIfInet6(text.value_or(""));
  found.insert(found.end(), ipv6.begin(), ipv6.end());
  return found;
}

}  // namespace conntrack::kernel
