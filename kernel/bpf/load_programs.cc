#include "kernel/bpf/load_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>

// The skeleton needs its types.
#include "kernel/bpf/flow_walk_batch.h"
//
#include "flow_walk.skel.h"
#include "flow_walk_by_copy.skel.h"
#include "table_lookup.skel.h"

namespace conntrack::kernel::bpf {
namespace {

/// A structure that is nothing but a long array of words, in every kernel with IPv4: see
/// words_type in kernel_memory.bpf.h.
constexpr const char* kWordsType = "linux_mib";

struct NamedCapability {
  unsigned number;
  const char* name;
};
using Capabilities = std::initializer_list<NamedCapability>;
constexpr Capabilities kForWalk = {{CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};
constexpr Capabilities kForLookup = {
    {CAP_NET_ADMIN, "CAP_NET_ADMIN"}, {CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};

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

/// Those that this process lacks: "CAP_BPF and CAP_PERFMON".
std::string Missing(Capabilities needed) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  ::syscall(SYS_capget, &header, held.data());
  const auto has = [&](unsigned number) {
    return (held.at(number / 32).effective >> number % 32 & 1U) != 0;
  };
  std::string missing;
  if (has(CAP_SYS_ADMIN)) return missing;  // stands for all of them
  for (const auto& [number, name] : needed) {
    if (!has(number)) missing += (missing.empty() ? "" : " and ") + std::string(name);
  }
  return missing;
}

Error LoadError(int code, Capabilities needed) {
  auto error = ErrorFromErrno(code, "loading the BPF programs");
  const auto missing = Missing(needed);
  if (!missing.empty() && (code == EPERM || code == EACCES)) {
    error.remedy = "give " + missing + " at the start";
  } else if (code == EPERM || code == ENOSYS) {
    error.kind = ErrorKind::kDenied;
    error.remedy =
        "let bpf(2) through where a container's seccomp profile or SystemCallFilter= of systemd "
        "filters system calls; capabilities count in the first user namespace only";
  } else {
    if (!FirstWarning().empty()) error.message += " (" + FirstWarning() + ")";
    error.kind = ErrorKind::kAbsent;
    error.remedy = "a kernel with CONFIG_BPF_JIT, and net.core.bpf_jit_enable not 0";
  }
  return error;
}

/// Fails if something of nf_conntrack is neither among the kernel's types nor, for this process,
/// among those of the module.
Result<void> RequireConntrack(const btf& types, const char* name, __u32 kind) {
  if (btf__find_by_name_kind(&types, name, kind) > 0) return {};
  if (::access(kModuleTypes, F_OK) != 0) {
    return Fail(
        ErrorKind::kAbsent,
        std::string("nf_conntrack was not loaded when the exporter started, or has no ") +
            kModuleTypes,
        "load nf_conntrack before the exporter starts, and give CAP_SYS_ADMIN at the start");
  }
  __u32 first = 0;
  if (::bpf_btf_get_next_id(0, &first) != -EPERM) return {};
  return Fail(ErrorKind::kDenied,
              "nf_conntrack is a module, whose types only those with CAP_SYS_ADMIN may use",
              "give CAP_SYS_ADMIN at the start");
}

/// The types of this kernel. Fails if something of nf_conntrack is not among them: see above.
Result<Owned<btf>> KernelTypes(const char* name, __u32 kind) {
  Owned<btf> types(::btf__load_vmlinux_btf());
  if (!types) {
    return Fail(ErrorKind::kAbsent,
                "this kernel does not describe its types (/sys/kernel/btf/vmlinux)",
                "a kernel with CONFIG_DEBUG_INFO_BTF");
  }
  if (auto there = RequireConntrack(*types, name, kind); !there) return Fail(there.error());
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

/// What programs need that read the kernel's memory in place.
Result<void> RequireReading(const btf& types) {
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
Result<Owned<Object>> Load(Object* (*open)(), int (*load)(Object*), Capabilities needed, Fit fit) {
  ::libbpf_set_print(RecordWarning);
  FirstWarning().clear();
  Owned<Object> object(open());
  if (!object) return Fail(LoadError(errno, needed));
  if (auto fits = fit(*object); !fits) return Fail(fits.error());
  if (const int code = load(object.get()); code != 0) return Fail(LoadError(-code, needed));
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

Result<Handles> LoadWalk(unsigned threads, WalkReading reading) {
  const auto types = KernelTypes("nf_conn", BTF_KIND_STRUCT);
  if (!types) return Fail(types.error());
  if (reading == WalkReading::kBest && RequireReading(**types)) {
    return WalkHandles(Load(flow_walk__open, flow_walk__load, kForWalk, [&](flow_walk& walk) {
      ::bpf_map__set_max_entries(walk.maps.batches, threads);
      return SetWordsType(**types, walk);
    }));
  }
  return WalkHandles(Load(flow_walk_by_copy__open, flow_walk_by_copy__load, kForWalk,
                          [&](flow_walk_by_copy& walk) {
                            ::bpf_map__set_max_entries(walk.maps.batches, threads);
                            return RequireFunctions(**types, {"bpf_loop"}, "Linux 5.19 or later");
                          }));
}

Result<Handles> LoadLookup() {
  const auto types = KernelTypes("bpf_skb_ct_lookup", BTF_KIND_FUNC);
  if (!types) return Fail(types.error());
  const auto object =
      Load(table_lookup__open, table_lookup__load, kForLookup, [&](table_lookup& lookup) {
        auto can_read = RequireReading(**types);
        return can_read ? SetWordsType(**types, lookup) : can_read;
      });
  if (!object) return Fail(object.error());
  const auto& [progs, maps] = std::tie((*object)->progs, (*object)->maps);
  return Duplicates({::bpf_program__fd(progs.look_up), ::bpf_program__fd(progs.find_table),
                     ::bpf_map__fd(maps.bss)});
}

}  // namespace conntrack::kernel::bpf
