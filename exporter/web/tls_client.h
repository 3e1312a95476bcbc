// The client's side of TLS.
#pragma once

#include <memory>

#include "collectors/kernel/unique_fd.h"
#include "exporter/web/client_stream.h"

namespace conntrack::exporter::web {

/// \brief  Begins TLS on a connection in non-blocking mode. See OpenStream() for what is not looked
/// at, and for the errors.
[[nodiscard]] Result<std::unique_ptr<ClientStream>> ShakeHands(kernel::UniqueFd socket,
                                                               Deadline deadline);

}  // namespace conntrack::exporter::web
