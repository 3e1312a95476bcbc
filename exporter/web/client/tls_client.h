// The client's side of TLS.
#pragma once

#include <memory>

#include "exporter/web/client/client_stream.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {

/// \brief  Begins TLS on a connection in non-blocking mode. See OpenStream() for what is not looked
/// at, and for the errors.
[[nodiscard]] Result<std::unique_ptr<ClientStream>> ShakeHands(kernel::UniqueFd socket,
                                                               Deadline deadline);

}  // namespace conntrack::exporter::web
