// Where clients come from, for limits that treat them alike.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  What counts as one source: an IPv4 address, or the /64 of an IPv6 address, whose owner
/// has all the addresses in it.
///
/// An IPv4 address is the same also where an IPv6 socket shows it ("::ffff:10.0.0.1"). Text that is
/// no address is a source of its own.
[[nodiscard]] std::string SourceOf(std::string_view address);

}  // namespace conntrack::exporter::web
