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
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>

// The skeleton needs its types.
#include "kernel/bpf/flow_walk_batch.h"
//
#include "flow_walk.skel.h"
#include "flow_walk_by_copy.skel.h"
#include "kernel/text.h"
#include "table_lookup.skel.h"

namespace conntrack::kernel::bpf {
namespace {

/// A structure that is nothing but a long array of words, in every kernel with IPv4: see
/// words_type in kernel_memory.bpf.h.
constexpr const char* kWordsType = "linux_mib";

constexpr const char* kCapabilities =
    "give CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN at the start, which are given up once the "
    "programs are loaded; and let bpf(2) through where a container's seccomp profile or "
    "SystemCallFilter= of systemd filters system calls";

// Where libbpf reads them.
constexpr const char* kModuleTypes = "/sys/kernel/btf/nf_conntrack";

struct Destroy {
  void operator()(flow_walk* programs) const { flow_walk__destroy(programs); }
  void operator()(flow_walk_by_copy* programs) const { flow_walk_by_copy__destroy(programs); }
  void operator()(table_lookup* programs) const { table_lookup__destroy(programs); }
  void operator()(btf* types) const { btf__free(types); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

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

/// The types of this kernel, with that of an entry.
Result<Owned<btf>> KernelTypes() {
  Owned<btf> types(::btf__load_vmlinux_btf());
  if (!types) {
    return Fail(ErrorKind::kAbsent,
                "this kernel does not describe its types (/sys/kernel/btf/vmlinux)",
                "a kernel with CONFIG_DEBUG_INFO_BTF");
  }
  if (auto there = RequireEntry(*types); !there) return Fail(there.error());
  return types;
}

Result<void> RequireFunctions(const btf& types, std::initializer_list<const char*> functions,
                              const char* remedy) {
  for (const auto* function : functions) {
    if (btf__find_by_name_kind(&types, function, BTF_KIND_FUNC) > 0) continue;
    return Fail(ErrorKind::kAbsent,
                "this kernel has no " + std::string(function) + "() for BPF programs", remedy);
  }
  return {};
}

/// What programs that look at memory in place need; the others copy it.
Result<void> RequireLooking(const btf& types) {
  return RequireFunctions(types, {"bpf_rdonly_cast", "bpf_rcu_read_lock"}, "Linux 6.2 or later");
}

template <class Object>
Result<void> SetWordsType(const btf& types, Object& object) {
  const int words = ::btf__find_by_name_kind(&types, kWordsType, BTF_KIND_STRUCT);
  if (words <= 0) {
    return Fail(ErrorKind::kAbsent, std::string("this kernel has no struct ") + kWordsType, "");
  }
  object.rodata->words_type = static_cast<__u32>(words);
  return {};
}

/// Descriptors that stay when libbpf closes its own.
Handles Duplicates(std::initializer_list<int> fds) {
  Handles handles;
  for (const int fd : fds) handles.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return handles;
}

/// Opens an object of libbpf's, which `fit` adapts to this kernel, and loads it.
template <class Object, class Fit>
Result<Owned<Object>> Load(Object* (*open)(), int (*load)(Object*), Fit fit) {
  ::libbpf_set_print(RecordWarning);
  FirstWarning().clear();
  Owned<Object> object(open());
  if (!object) return Fail(LoadError(errno));
  if (auto fits = fit(*object); !fits) return Fail(fits.error());
  if (const int code = load(object.get()); code != 0) return Fail(LoadError(-code));
  return object;
}

template <class Object>
Result<Handles> WalkHandles(const Result<Owned<Object>>& loaded) {
  if (!loaded) return Fail(loaded.error());
  const auto& [progs, maps] = std::tie((*loaded)->progs, (*loaded)->maps);
  return Duplicates({::bpf_program__fd(progs.walk), ::bpf_program__fd(progs.find_self),
                     ::bpf_map__fd(maps.batches)});
}

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

Result<Handles> LoadWalk(unsigned threads, WalkReading reading) {
  const auto types = KernelTypes();
  if (!types) return Fail(types.error());
  if (reading == WalkReading::kBest && RequireLooking(**types)) {
    return WalkHandles(Load(flow_walk__open, flow_walk__load, [&](flow_walk& walk) {
      ::bpf_map__set_max_entries(walk.maps.batches, threads);
      return SetWordsType(**types, walk);
    }));
  }
  return WalkHandles(
      Load(flow_walk_by_copy__open, flow_walk_by_copy__load, [&](flow_walk_by_copy& walk) {
        ::bpf_map__set_max_entries(walk.maps.batches, threads);
        return RequireFunctions(**types, {"bpf_loop"}, "Linux 5.19 or later");
      }));
}

Result<Handles> LoadLookup() {
  const auto types = KernelTypes();
  if (!types) return Fail(types.error());
  const auto object = Load(table_lookup__open, table_lookup__load, [&](table_lookup& lookup) {
    auto can_look = RequireLooking(**types);
    return can_look ? SetWordsType(**types, lookup) : can_look;
  });
  if (!object) return Fail(object.error());
  const auto& [progs, maps] = std::tie((*object)->progs, (*object)->maps);
  return Duplicates({::bpf_program__fd(progs.look_up), ::bpf_program__fd(progs.find_table),
                     ::bpf_map__fd(maps.bss)});
}

}  // namespace conntrack::kernel::bpf
