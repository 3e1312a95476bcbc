#include "kernel/bpf/load_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

// The skeleton needs its types.
#include "kernel/bpf/flow_walk_batch.h"
//
#include "flow_walk.skel.h"
#include "kernel/text.h"

namespace conntrack::kernel::bpf {
namespace {

constexpr std::array<std::string_view, 2> kTableVariables = {"nf_conntrack_hash",
                                                             "nf_conntrack_generation"};

/// A structure that is nothing but a long array of words, in every kernel with IPv4: see
/// words_type in flow_walk.bpf.c.
constexpr const char* kWordsType = "linux_mib";

constexpr const char* kCapabilities =
    "give CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN at the start, which are given up once the "
    "programs are loaded; and let bpf(2) through where a container's seccomp profile or "
    "SystemCallFilter= of systemd filters system calls";

// Where libbpf reads them.
constexpr const char* kModuleTypes = "/sys/kernel/btf/nf_conntrack";

struct Destroy {
  void operator()(flow_walk* programs) const { flow_walk__destroy(programs); }
  void operator()(btf* types) const { btf__free(types); }
};
using Programs = std::unique_ptr<flow_walk, Destroy>;
using Types = std::unique_ptr<btf, Destroy>;

/// The first warning of libbpf; the many after it follow from it.
std::string& FirstWarning() {
  static std::string line;
  return line;
}

int RecordWarning(libbpf_print_level level, const char* format, va_list arguments) {
  auto& warning = FirstWarning();
  if (level != LIBBPF_WARN || !warning.empty()) return 0;
  std::array<char, 256> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  warning = line.data();
  while (!warning.empty() && warning.back() == '\n') warning.pop_back();
  return 0;
}

Error LoadError(int code) {
  auto error = ErrorFromErrno(code, "loading the BPF programs");
  if (error.kind == ErrorKind::kDenied) {
    error.remedy = kCapabilities;
    return error;
  }
  if (!FirstWarning().empty()) error.message += " (" + FirstWarning() + ")";
  error.kind = ErrorKind::kAbsent;
  error.remedy =
      "Linux 6.2 or later with CONFIG_BPF_JIT, CONFIG_DEBUG_INFO_BTF and, where nf_conntrack is a "
      "module, CONFIG_DEBUG_INFO_BTF_MODULES";
  return error;
}

/// Fails if the types of an entry are not there, or not for this process.
Result<void> RequireEntry(const btf& types) {
  if (btf__find_by_name_kind(&types, "nf_conn", BTF_KIND_STRUCT) > 0) return {};
  if (::access(kModuleTypes, F_OK) != 0) {
    return Fail(
        ErrorKind::kAbsent,
        std::string("this kernel does not describe its connection tracking entries, nor does ") +
            kModuleTypes,
        "load connection tracking: modprobe nf_conntrack; a kernel with "
        "CONFIG_DEBUG_INFO_BTF_MODULES");
  }
  __u32 first = 0;
  if (::bpf_btf_get_next_id(0, &first) != -EPERM) return {};
  return Fail(
      ErrorKind::kDenied,
      "connection tracking is a module, whose types only those with CAP_SYS_ADMIN may use",
      "give CAP_SYS_ADMIN as well at the start; it is given up once the programs are loaded");
}

Result<void> Configure(flow_walk& programs, unsigned threads, bool by_lookup) {
  const Types types(::btf__load_vmlinux_btf());
  if (!types) {
    return Fail(ErrorKind::kAbsent,
                "this kernel does not describe its types (/sys/kernel/btf/vmlinux)",
                "a kernel with CONFIG_DEBUG_INFO_BTF");
  }
  for (const auto* function : {"bpf_rdonly_cast", "bpf_rcu_read_lock"}) {
    if (btf__find_by_name_kind(types.get(), function, BTF_KIND_FUNC) > 0) continue;
    return Fail(ErrorKind::kAbsent,
                "this kernel has no " + std::string(function) + "() for BPF programs",
                "Linux 6.2 or later");
  }
  if (auto there = RequireEntry(*types); !there) return there;
  const int words = ::btf__find_by_name_kind(types.get(), kWordsType, BTF_KIND_STRUCT);
  if (words <= 0) {
    return Fail(ErrorKind::kAbsent, std::string("this kernel has no struct ") + kWordsType, "");
  }
  programs.rodata->words_type = static_cast<__u32>(words);
  ::bpf_program__set_autoload(programs.progs.look_up, by_lookup);
  ::bpf_program__set_autoload(programs.progs.find_table, by_lookup);
  ::bpf_map__set_max_entries(programs.maps.batches, threads);
  return {};
}

/// A descriptor that stays when libbpf closes its own; none for a negative one.
UniqueFd Duplicate(int fd) { return UniqueFd(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

}  // namespace

// "ffffffff82c0a2c8 D nf_conntrack_hash\t[nf_conntrack]"
std::optional<std::uint64_t> SymbolAddress(std::string_view line, std::string_view symbol) {
  // Rules most lines out.
  if (line.find(symbol) == std::string_view::npos) return std::nullopt;
  const auto address = TakeWord(line);
  (void)TakeWord(line);  // its type
  return TakeWord(line) == symbol ? ParseNumber<std::uint64_t>(address, 16) : std::nullopt;
}

Result<std::vector<std::uint64_t>> FindKernelSymbols(const KernelFiles& proc,
                                                     std::span<const std::string_view> symbols) {
  const auto path = proc.root() / "kallsyms";
  std::ifstream file(path);
  if (!file) {
    return Fail(ErrorKind::kAbsent, path.string() + " cannot be read",
                "a kernel with CONFIG_KALLSYMS");
  }
  std::vector<std::uint64_t> found(symbols.size());
  auto missing = found.begin();
  for (std::string line; missing != found.end() && std::getline(file, line);) {
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const auto address = SymbolAddress(line, symbols[i]);
      if (!address) continue;
      if (*address == 0) {
        return Fail(ErrorKind::kDenied,
                    path.string() + " does not show where " + std::string(symbols[i]) + " is",
                    "give CAP_SYSLOG, and have kernel.kptr_restrict below 2");
      }
      found[i] = *address;
      missing = std::ranges::find(found, 0U);
    }
  }
  if (missing == found.end()) return found;
  const std::string symbol(symbols[static_cast<std::size_t>(missing - found.begin())]);
  return Fail(ErrorKind::kAbsent, path.string() + " has no " + symbol,
              "a kernel with CONFIG_KALLSYMS_ALL");
}

Result<LoadedPrograms> LoadPrograms(const KernelFiles& proc, unsigned threads) {
  ::libbpf_set_print(RecordWarning);
  FirstWarning().clear();
  LoadedPrograms loaded;
  // If they are hidden, the programs look a flow up instead.
  if (const auto found = FindKernelSymbols(proc, kTableVariables)) {
    loaded.variables = {found->at(0), found->at(1)};
  }
  const Programs programs(flow_walk__open());
  if (!programs) return Fail(LoadError(errno));
  const bool by_lookup = !loaded.variables;
  if (auto ready = Configure(*programs, threads, by_lookup); !ready) return Fail(ready.error());
  if (const int code = flow_walk__load(programs.get()); code != 0) return Fail(LoadError(-code));
  const auto& programs_of = programs->progs;
  loaded.handles = {Duplicate(::bpf_program__fd(programs_of.walk)),
                    Duplicate(::bpf_program__fd(programs_of.find_self)),
                    Duplicate(by_lookup ? ::bpf_program__fd(programs_of.look_up) : -1),
                    Duplicate(by_lookup ? ::bpf_program__fd(programs_of.find_table) : -1),
                    Duplicate(::bpf_map__fd(programs->maps.batches)),
                    Duplicate(::bpf_map__fd(programs->maps.bss))};
  return loaded;
}

}  // namespace conntrack::kernel::bpf
