// Flows in a line.
#pragma once

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <cstdint>
#include <string_view>

#include "kernel/flow.h"
#include "tests/support/message_builder.h"

namespace conntrack::test {

/// A flow of TCP between these addresses, both of one family, without any translation.
[[nodiscard]] inline kernel::Flow TcpFlow(const char* source, const char* destination,
                                          std::uint16_t port = 443) {
  kernel::Flow flow;
  flow.family = std::string_view(source).find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  flow.protocol = IPPROTO_TCP;
  flow.original = {AddressOf(source), AddressOf(destination), 40000, port};
  flow.reply = {AddressOf(destination), AddressOf(source), port, 40000};
  return flow;
}

/// The same behind source NAT: answers come to `address`.
[[nodiscard]] inline kernel::Flow Translated(kernel::Flow flow, const char* address,
                                             std::uint16_t port) {
  flow.status |= IPS_SRC_NAT;
  flow.reply.destination = AddressOf(address);
  flow.reply.destination_port = port;
  return flow;
}

/// The same behind destination NAT: `address` answers.
[[nodiscard]] inline kernel::Flow Redirected(kernel::Flow flow, const char* address) {
  flow.status |= IPS_DST_NAT;
  flow.reply.source = AddressOf(address);
  return flow;
}

}  // namespace conntrack::test
