#include "kernel/bpf/load_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

// Names of the skeleton's types are in it.
#include "kernel/bpf/flow_walk_batch.h"
//
#include "flow_walk.skel.h"
#include "kernel/bpf/kernel_symbols.h"

namespace conntrack::kernel::bpf {
namespace {

constexpr const char* kTableVariable = "nf_conntrack_hash";

/// A structure that is an array of more words than any that the walk reads is long, and in every
/// kernel with IPv4: flow_walk.bpf.c says what for.
constexpr const char* kWordsType = "linux_mib";

constexpr const char* kCapabilities =
    "give CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN at the start, which are given up once the "
    "programs are loaded; and let bpf(2) through where a container's seccomp profile or "
    "SystemCallFilter= of systemd filters system calls";

// As libbpf reads them.
constexpr const char* kModuleTypes = "/sys/kernel/btf/nf_conntrack";

struct Destroy {
  void operator()(flow_walk* programs) const { flow_walk__destroy(programs); }
  void operator()(btf* types) const { btf__free(types); }
};
using Programs = std::unique_ptr<flow_walk, Destroy>;
using Types = std::unique_ptr<btf, Destroy>;

/// The first line of libbpf's that tells of a failure; the many after it follow from it.
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

Result<void> RequireFunctions(const btf& types, std::initializer_list<const char*> functions) {
  for (const auto* function : functions) {
    if (btf__find_by_name_kind(&types, function, BTF_KIND_FUNC) > 0) continue;
    return Fail(ErrorKind::kAbsent,
                "this kernel has no " + std::string(function) + "() for BPF programs",
                "Linux 6.2 or later");
  }
  return {};
}

/// Fails where nobody, or not this process, may know what an entry looks like.
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
  if (auto there = RequireFunctions(*types, {"bpf_rdonly_cast", "bpf_rcu_read_lock"}); !there)
    return there;
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

/// Descriptors that stay when libbpf closes its own. None where there is none.
UniqueFd Duplicate(int fd) { return UniqueFd(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

}  // namespace

Result<LoadedPrograms> LoadPrograms(const KernelFiles& proc, unsigned threads) {
  ::libbpf_set_print(RecordWarning);
  FirstWarning().clear();
  LoadedPrograms loaded;
  // Where it is hidden, a lookup does as well.
  loaded.table_variable = FindKernelSymbol(proc, kTableVariable).value_or(0);
  const Programs programs(flow_walk__open());
  if (!programs) return Fail(LoadError(errno));
  const bool by_lookup = loaded.table_variable == 0;
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
