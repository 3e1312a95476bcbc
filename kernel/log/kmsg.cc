#include "kernel/log/kmsg.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "kernel/text.h"
#include "kernel/unique_fd.h"
#include "kernel/usable_capability.h"

namespace conntrack::kernel {
namespace {

std::string Unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto byte = text.starts_with("\\x") && text.size() >= 4
                          ? ParseNumber<unsigned char>(text.substr(2, 2), 16)
                          : std::nullopt;
    plain += byte ? static_cast<char>(*byte) : text.front();
    text.remove_prefix(byte ? 4 : 1);
  }
  return plain;
}

constexpr const char* kDenied =
    "let this user read /dev/kmsg, with CAP_SYSLOG where kernel.dmesg_restrict is 1 (in a "
    "container the device has to be allowed too), or --no-collector.kernel_log";
constexpr const char* kNoDevice =
    "give the container the device /dev/kmsg (below --path.rootfs), or --no-collector.kernel_log";

Error OpenError(int code, const std::filesystem::path& path) {
  auto error = ErrorFromErrno(code, "opening " + path.string());
  if (error.kind == ErrorKind::kDenied) error.remedy = kDenied;
  if (error.kind == ErrorKind::kAbsent) error.remedy = kNoDevice;
  return error;
}

/// Maps the errno values of devkmsg_read().
Error ReadError(int code) {
  auto error = ErrorFromErrno(code, "reading the kernel's log");
  if (code == EPIPE) error.kind = ErrorKind::kOverrun;
  if (code == EINVAL) error.kind = ErrorKind::kMalformed;
  return error;
}

class KmsgDevice final : public KmsgReader {
 public:
  KmsgDevice(UniqueFd device, UniqueFd wake) : device_(std::move(device)), wake_(std::move(wake)) {}

  Result<std::string_view> Read(std::span<char> buffer) override {
    while (true) {
      const ssize_t got = ::read(device_.get(), buffer.data(), buffer.size());
      if (got > 0) return std::string_view(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0) return Fail(ReadError(EAGAIN));
      if (errno != EINTR) return Fail(ReadError(errno));
    }
  }

  void Wait(const std::stop_token& stop) override {
    const std::stop_callback wake(stop, [this] {
      const std::uint64_t one = 1;
      // Cannot fail: the counter is far below its limit.
      [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
    });
    std::array<pollfd, 2> fds = {{{device_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
    }
  }

 private:
  UniqueFd device_;
  UniqueFd wake_;  // stays readable once a stop is requested
};

}  // namespace

Result<KmsgRecord> ParseKmsgRecord(std::string_view record) {
  const auto semicolon = record.find(';');
  auto header = record.substr(0, semicolon);
  const auto priority = ParseNumber<unsigned>(TakeUntil(header, ','));
  const auto sequence = ParseNumber<std::uint64_t>(TakeUntil(header, ','));
  const auto timestamp = ParseNumber<std::uint64_t>(TakeUntil(header, ','));
  // Two thirds of the range are 194,000 years. This leaves room for arithmetic.
  constexpr std::uint64_t kLatest = INT64_MAX / 3 * 2;
  if (semicolon == std::string_view::npos || !priority || !sequence || !timestamp ||
      *timestamp > kLatest) {
    return Fail(ErrorKind::kMalformed, "\"" + std::string(record.substr(0, 40)) +
                                           "\" is not a record of the kernel's log");
  }
  auto body = record.substr(semicolon + 1);
  return KmsgRecord{*priority >> 3U, *priority & 7U, *sequence,
                    std::chrono::microseconds(*timestamp), Unescape(TakeLine(body))};
}

Result<std::unique_ptr<KmsgReader>> OpenKmsg(const std::filesystem::path& path,
                                             const KernelFiles& proc) {
  const bool restricted = proc.ReadNumber("sys/kernel/dmesg_restrict").value_or(0) != 0;
  const bool allowed = !restricted || MayUse(CAP_SYSLOG);
  // O_PATH does not call devkmsg_open(): see the header.
  const int how = allowed ? O_RDONLY | O_NONBLOCK : O_PATH;
  UniqueFd device(::open(path.c_str(), how | O_CLOEXEC));
  if (!device) return Fail(OpenError(errno, path));
  // Containers replace the device with a link to the console, a socket or an empty file.
  struct stat status {};
  if (::fstat(device.get(), &status) < 0) {
    return Fail(ErrorFromErrno(errno, "looking at " + path.string()));
  }
  if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 11)) {
    return Fail(ErrorKind::kAbsent, path.string() + " is not the device of the kernel's log",
                kNoDevice);
  }
  if (!allowed) return Fail(OpenError(EPERM, path));
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return Fail(ErrorFromErrno(errno, "making an eventfd"));
  return std::make_unique<KmsgDevice>(std::move(device), std::move(wake));
}

}  // namespace conntrack::kernel
