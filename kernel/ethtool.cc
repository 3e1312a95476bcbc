#include "kernel/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "kernel/text.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kNameSize = ETH_GSTRING_LEN;

// Drivers have a few dozen statistics per queue: some thousands on the largest machines.
constexpr std::uint32_t kMaxStatistics = 8192;

/// Returns the text before the first zero, or the whole field if there is none.
std::string_view UpToZero(std::string_view field) { return field.substr(0, field.find('\0')); }

/// A command, followed by a buffer for the answer.
template <class Command>
class Query {
 public:
  Query(const Command& command, std::size_t answer_size)
      : bytes_(std::make_unique_for_overwrite<std::byte[]>(sizeof(Command) + answer_size)) {
    std::memcpy(bytes_.get(), &command, sizeof(Command));
  }

  [[nodiscard]] void* data() { return bytes_.get(); }

  [[nodiscard]] Command command() const {
    Command command;
    std::memcpy(&command, bytes_.get(), sizeof(Command));
    return command;
  }

  [[nodiscard]] const std::byte* answer() const { return bytes_.get() + sizeof(Command); }

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

class SocketEthtool final : public Ethtool {
 public:
  SocketEthtool(KernelFiles proc, UniqueFd socket)
      : proc_(std::move(proc)), socket_(std::move(socket)) {}

  Result<std::vector<std::string>> Interfaces() const override {
    return proc_.Read("net/dev").map(ParseNetDev);
  }

  Result<std::string> Driver(const std::string& interface) const override {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    if (auto asked = Ask(interface, &info); !asked) return Fail(std::move(asked.error()));
    return std::string(UpToZero({info.driver, sizeof(info.driver)}));
  }

  Result<DriverStatistics> Statistics(const std::string& interface) const override {
    const auto count = Count(interface);
    if (!count) return Fail(count.error());
    if (*count > kMaxStatistics) {
      return Fail(ErrorKind::kMalformed, "the driver of " + interface + " has " +
                                             std::to_string(*count) +
                                             " statistics, more than any known driver");
    }
    // Older kernels write all statistics, whatever count was requested. The count may have grown
    // since, if queues were added. So leave room for twice the maximum.
    constexpr std::size_t kRoom = std::size_t{2} * kMaxStatistics;
    Query names(ethtool_gstrings{ETHTOOL_GSTRINGS, ETH_SS_STATS, *count}, kRoom * kNameSize);
    if (auto asked = Ask(interface, names.data()); !asked) return Fail(std::move(asked.error()));
    Query values(ethtool_stats{ETHTOOL_GSTATS, *count}, kRoom * sizeof(std::uint64_t));
    if (auto asked = Ask(interface, values.data()); !asked) return Fail(std::move(asked.error()));
    if (names.command().len != *count || values.command().n_stats != *count) {
      return Fail(ErrorKind::kInterrupted,
                  "the driver of " + interface + " changed its statistics while they were read");
    }
    std::vector<std::uint64_t> numbers(*count);
    std::memcpy(numbers.data(), values.answer(), numbers.size() * sizeof(numbers[0]));
    return ParseDriverStatistics(
        {reinterpret_cast<const char*>(names.answer()), *count * kNameSize}, numbers);
  }

 private:
  [[nodiscard]] Result<std::uint32_t> Count(const std::string& interface) const {
    ethtool_sset_info command{};
    command.cmd = ETHTOOL_GSSET_INFO;
    command.sset_mask = 1U << unsigned{ETH_SS_STATS};
    std::uint32_t count = 0;
    Query query(command, sizeof(count));
    if (auto asked = Ask(interface, query.data()); !asked) return Fail(std::move(asked.error()));
    // If there are no statistics, the kernel clears the bit and writes no count.
    if (query.command().sset_mask != 0) std::memcpy(&count, query.answer(), sizeof(count));
    return count;
  }

  Result<void> Ask(const std::string& interface, void* command) const {
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = static_cast<char*>(command);
    if (::ioctl(socket_.get(), SIOCETHTOOL, &request) == 0) return {};
    return Fail(ErrorFromErrno(errno, "asking the driver of " + interface));
  }

  const KernelFiles proc_;
  const UniqueFd socket_;
};

}  // namespace

std::vector<std::string> ParseNetDev(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    auto line = TakeLine(text);
    if (line.find(':') == std::string_view::npos) continue;  // the header
    const auto name = Strip(TakeUntil(line, ':'));
    if (!name.empty() && name.size() < IFNAMSIZ) names.emplace_back(name);
  }
  return names;
}

DriverStatistics ParseDriverStatistics(std::string_view names,
                                       std::span<const std::uint64_t> values) {
  DriverStatistics statistics;
  for (const auto value : values) {
    if (names.size() < kNameSize) break;
    statistics.emplace(UpToZero(names.substr(0, kNameSize)), value);
    names.remove_prefix(kNameSize);
  }
  return statistics;
}

Result<std::shared_ptr<const Ethtool>> OpenEthtool(KernelFiles proc) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return Fail(ErrorFromErrno(errno, "opening a socket to ask drivers"));
  return std::make_shared<const SocketEthtool>(std::move(proc), std::move(socket));
}

}  // namespace conntrack::kernel
