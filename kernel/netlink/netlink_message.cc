#include "kernel/netlink/netlink_message.h"

#include <cerrno>
#include <cstdlib>

namespace conntrack::kernel {
namespace {

Error RefusalError(int code) {
  auto error = ErrorFromErrno(code, "ctnetlink refused");
  if (error.kind == ErrorKind::kDenied) {
    AddNetAdminRemedy(error);
  } else if (code == EINVAL || code == ENOENT) {
    // nfnetlink has no handler for the subsystem or the message.
    error.kind = ErrorKind::kAbsent;
    error.message += " (this kernel has no such ctnetlink message)";
  } else if (code == EAGAIN) {
    error.kind = ErrorKind::kBusy;
  }
  return error;
}

}  // namespace

void AddNetAdminRemedy(Error& denied) {
  denied.message += " (CAP_NET_ADMIN is missing)";
  denied.remedy =
      "give CAP_NET_ADMIN in the user namespace that owns this network namespace: run as root, set "
      "AmbientCapabilities= in the systemd unit, or run setcap cap_net_admin=p on the binary";
}

Result<void> ParseFinalMessage(std::uint16_t type, Bytes payload) {
  std::int32_t code = 0;
  if (payload.size() < sizeof(code)) {
    if (type == NLMSG_DONE) return {};
    return Fail(ErrorKind::kMalformed,
                "ctnetlink sent an error record of " + std::to_string(payload.size()) + " bytes");
  }
  std::memcpy(&code, payload.data(), sizeof(code));
  if (code == 0) return {};
  // In some old kernels, NLMSG_DONE carries a byte count. Only a negative number is an error there.
  if (type == NLMSG_DONE && code > 0) return {};
  return Fail(RefusalError(code == INT32_MIN ? EIO : std::abs(code)));
}

}  // namespace conntrack::kernel
