#include "kernel/bpf/kernel_symbols.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel::bpf {
namespace {

/// The kernel returns one page at a time.
constexpr std::size_t kBuffer = 4096;

tl::unexpected<Error> Hidden() {
  return Fail(ErrorKind::kDenied, "/proc/kallsyms hides addresses",
              "give CAP_SYSLOG at the start, and set kernel.kptr_restrict below 2");
}

/// Result of the lines read so far.
struct Reading {
  TableVariables found;
  bool shows = false;  ///< At least one address is visible.

  /// Returns false when both are found.
  bool Take(std::string_view line) {
    if (!shows) shows = line.find_first_not_of('0') < line.find(' ');
    if (const auto hash = SymbolAddress(line, "nf_conntrack_hash")) found.hash = *hash;
    if (const auto generation = SymbolAddress(line, "nf_conntrack_generation")) {
      found.generation = *generation;
    }
    return found.hash == 0 || found.generation == 0;
  }
};

}  // namespace

// "ffffffff82c0a2c8 D nf_conntrack_hash\t[nf_conntrack]"
std::optional<std::uint64_t> SymbolAddress(std::string_view line, std::string_view symbol) {
  // A cheap test that rejects most lines.
  if (line.find(symbol) == std::string_view::npos) return std::nullopt;
  const auto address = TakeWord(line);
  (void)TakeWord(line);  // the symbol type
  return TakeWord(line) == symbol ? ParseNumber<std::uint64_t>(address, 16) : std::nullopt;
}

KernelSymbols::KernelSymbols(const KernelFiles& proc, KernelFiles sys)
    : sys_(std::move(sys)),
      file_(::open((proc.root() / "kallsyms").c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_) return;
  auto error = ErrorFromErrno(errno, "opening /proc/kallsyms");
  error.remedy =
      error.kind == ErrorKind::kDenied
          ? "give CAP_SYSLOG at the start, and set ProtectKernelTunables=no in a systemd "
            "unit, as the drop-in bpf.conf does"
          : "a kernel with CONFIG_KALLSYMS";
  found_ = Fail(std::move(error));
}

Result<TableVariables> KernelSymbols::Find() {
  if (!file_) return found_;
  const auto module = sys_.Inode("module/nf_conntrack").value_or(0);
  if (module_ != module) {
    found_ = Read();
    module_ = module;
  }
  return found_;
}

Result<TableVariables> KernelSymbols::Read() const {
  ::lseek(file_.get(), 0, SEEK_SET);
  Reading reading;
  std::array<char, kBuffer> buffer{};
  std::size_t kept = 0;  // bytes of a line that continues in the next page
  bool more = true;
  while (more && kept < buffer.size()) {
    const auto got = ::read(file_.get(), buffer.data() + kept, buffer.size() - kept);
    if (got <= 0) break;
    std::string_view text(buffer.data(), kept + static_cast<std::size_t>(got));
    for (auto end = text.find('\n'); more && end != std::string_view::npos; end = text.find('\n')) {
      more = reading.Take(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    // The kernel hides all addresses or none. If hidden, do not read the rest.
    if (!reading.shows) return Hidden();
    kept = text.size();
    std::memmove(buffer.data(), text.data(), kept);
  }
  if (!more) return reading.found;
  return Fail(ErrorKind::kAbsent, "/proc/kallsyms does not have nf_conntrack_hash",
              "a kernel with CONFIG_KALLSYMS_ALL");
}

}  // namespace conntrack::kernel::bpf
