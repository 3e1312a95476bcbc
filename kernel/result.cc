#include "kernel/result.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace conntrack {

std::string_view ToString(ErrorKind kind) {
  constexpr std::array<std::string_view, 10> kNames = {
      "absent",  "not_loaded", "denied",  "malformed", "interrupted",
      "overrun", "busy",       "timeout", "held_back", "io"};
  static_assert(kNames.size() == static_cast<std::size_t>(ErrorKind::kIo) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

namespace {

ErrorKind KindOf(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
    case EOPNOTSUPP:
      return ErrorKind::kAbsent;
    case EPERM:
    case EACCES:
      return ErrorKind::kDenied;
    case EINTR:
      return ErrorKind::kInterrupted;
    case ENOBUFS:
      return ErrorKind::kOverrun;
    case EBUSY:
      return ErrorKind::kBusy;
    case ETIMEDOUT:
    case EAGAIN:
      return ErrorKind::kTimeout;
    case ENOSPC:  // libmnl: the datagram was longer than the buffer
    case EBADMSG:
      return ErrorKind::kMalformed;
    default:
      return ErrorKind::kIo;
  }
}

}  // namespace

Error ErrorFromErrno(int code, std::string_view what) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(code);
  return Error{KindOf(code), code, std::move(message), {}};
}

}  // namespace conntrack
