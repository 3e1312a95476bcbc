#include "kernel/result.h"

#include <cerrno>
#include <system_error>

namespace conntrack {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kAbsent:
      return "absent";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kMalformed:
      return "malformed";
    case ErrorKind::kInterrupted:
      return "interrupted";
    case ErrorKind::kOverrun:
      return "overrun";
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kHeldBack:
      return "held_back";
    case ErrorKind::kIo:
      return "io";
  }
  return "unknown";
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
