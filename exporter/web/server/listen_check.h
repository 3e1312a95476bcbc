// Finds out whether addresses can be listened on, and says why where they cannot.
#pragma once

#include <string>
#include <vector>

#include "exporter/web/server/features.h"
#include "exporter/web/server/listen_address.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Binds every address for a moment and yields them with host names turned into addresses:
/// IPv4 where the name has one, else IPv6.
///
/// CivetWeb tells why it cannot listen only as text in its log, and not always which address it
/// means; so we ask the kernel first. All are held at once, so that a list that collides with
/// itself is found too. ":PORT" is both families where there is IPv6, "[::]:PORT" is IPv6 alone.
/// Errors: kBusy when the port is taken, by others or by another address of the list, kDenied when
/// this process may not have it, kAbsent when no interface has the address or there is no IPv6 for
/// it, kMalformed when a name is unknown. All name the address.
/// Cost: three system calls an address; a host name is looked up and may wait for a name server.
[[nodiscard]] Result<std::vector<ListenAddress>> CheckListenable(
    std::vector<ListenAddress> addresses, Ipv6 ipv6);

/// The error for an errno of bind(2) or listen(2), with what the operator can do about it.
[[nodiscard]] Error ListenError(int code, const std::string& address);

}  // namespace conntrack::exporter::web
