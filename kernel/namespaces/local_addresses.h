// Addresses of a network namespace, as its processes see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

struct LocalAddress {
  std::uint8_t family = 0;  ///< AF_INET or AF_INET6.
  Address address{};

  friend bool operator==(const LocalAddress&, const LocalAddress&) = default;
  friend bool operator<(const LocalAddress& a, const LocalAddress& b) {
    return std::tie(a.family, a.address) < std::tie(b.family, b.address);
  }
};

/// \brief  Returns the host addresses in the text of /proc/net/fib_trie, each once.
/// Source:  fib_trie_seq_show() in net/ipv4/fib_trie.c: "|-- ADDRESS", then its routes. The route
///          "/32 host LOCAL" marks an address of this namespace. Ranges of local addresses
///          (127.0.0.0/8, AnyIP) are left out.
/// Errors:  none; unknown lines are skipped.
/// Threads and cost: pure; O(length).
[[nodiscard]] std::vector<LocalAddress> ParseFibTrie(std::string_view text);

/// \brief  Returns the addresses in the text of /proc/net/if_inet6.
/// Source:  if6_seq_show() in net/ipv6/addrconf.c: 32 hexadecimal digits, then other columns.
/// Errors:  none; unknown lines are skipped.
/// Threads and cost: pure; O(length).
[[nodiscard]] std::vector<LocalAddress> ParseIfInet6(std::string_view text);

/// \brief  Returns the addresses of the namespace of `folder`: "net", or "PID/net".
/// Errors:  those of reading fib_trie: kAbsent if the process has ended, kMalformed if the file is
///          larger than 4 MiB (some 30,000 routes). A missing if_inet6 means no IPv6.
/// Threads and cost: any thread; six system calls, and one more per 4 KiB: the kernel prints all
///          IPv4 routes of the namespace.
[[nodiscard]] Result<std::vector<LocalAddress>> ReadLocalAddresses(const KernelFiles& proc,
                                                                   const std::string& folder);

}  // namespace conntrack::kernel
