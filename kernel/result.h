// Value-or-error for everything that reads the kernel.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace conntrack {

/// Why a read failed, as far as a caller can act on it. A closed set.
enum class ErrorKind {
  kAbsent,       ///< The file, module or kernel option is not there. Normal on many kernels.
  kNotLoaded,    ///< Connection tracking, or its netlink interface: a state, and no failure.
  kDenied,       ///< It is there, but this process may not read it.
  kMalformed,    ///< It was read, but its content is not what any known kernel writes.
  kInterrupted,  ///< The kernel changed it while it was read; worth another try.
  kOverrun,      ///< The kernel had more to say than the receive buffer could hold.
  kBusy,         ///< The kernel asked to try again later.
  kTimeout,      ///< No answer within the time allowed.
  kHeldBack,     ///< We chose not to read, because reading would harm the host.
  kIo,           ///< Anything else; `code` has the errno.
};

/// The kind as one lower-case word, for logs and `check`.
[[nodiscard]] std::string_view ToString(ErrorKind kind);

/// What went wrong, where, and what an operator can do about it.
struct Error {
  ErrorKind kind = ErrorKind::kIo;
  int code = 0;  ///< errno where the kernel gave one, otherwise 0.
  std::string
      message;         ///< What was being read and what happened: "reading net/stat: No such file".
  std::string remedy;  ///< What to do; empty where we know nothing better than the message.

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// The one place that maps errno to ErrorKind. `what` names the thing that was being done.
[[nodiscard]] Error ErrorFromErrno(int code, std::string_view what);

[[nodiscard]] inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message,
                                                std::string remedy = {}) {
  return tl::unexpected<Error>(Error{kind, 0, std::move(message), std::move(remedy)});
}

}  // namespace conntrack
