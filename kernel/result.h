// Value or error, for everything that reads the kernel.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace conntrack {

/// Why a read failed, as far as callers distinguish it. This is a closed set.
enum class ErrorKind {
  kAbsent,       ///< The file, module or kernel option does not exist. Normal on many kernels.
  kNotLoaded,    ///< nf_conntrack or nf_conntrack_netlink is not loaded: a state, not a failure.
  kDenied,       ///< It exists, but this process may not read it.
  kMalformed,    ///< The content is not what any known kernel writes.
  kInterrupted,  ///< The kernel changed the data during the read; try again.
  kOverrun,      ///< The kernel had more data than the receive buffer could hold.
  kBusy,         ///< The kernel asked to try again later.
  kTimeout,      ///< No answer within the time limit.
  kHeldBack,     ///< Not read on purpose, because reading would harm the host.
  kIo,           ///< Anything else; `code` has the errno.
};

/// Returns the kind as one lower-case word, for logs and `check`.
[[nodiscard]] std::string_view ToString(ErrorKind kind);

/// What failed, and what an operator can do about it.
struct Error {
  ErrorKind kind = ErrorKind::kIo;
  int code = 0;         ///< errno if the kernel returned one, otherwise 0.
  std::string message;  ///< What was read and the result: "reading net/stat: No such file".
  std::string remedy;   ///< What to do; empty if nothing is known beyond the message.

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Maps errno to ErrorKind. Nothing else does. `what` names the operation.
[[nodiscard]] Error ErrorFromErrno(int code, std::string_view what);

[[nodiscard]] inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message,
                                                std::string remedy = {}) {
  return tl::unexpected<Error>(Error{kind, 0, std::move(message), std::move(remedy)});
}

}  // namespace conntrack
