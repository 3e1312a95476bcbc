#include "kernel/bpf/load_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

// The skeleton uses its types.
#include "kernel/bpf/flow_walk_batch.h"
//
#include "flow_walk.skel.h"
#include "flow_walk_by_copy.skel.h"
#include "kernel/usable_capability.h"
#include "table_lookup.skel.h"

namespace conntrack::kernel::bpf {
namespace {

/// A structure that is only a long array of words, present in every kernel with IPv4: see
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

// The path from which libbpf reads them.
constexpr const char* kModuleTypes = "/sys/kernel/btf/nf_conntrack";

struct Destroy {
  void operator()(flow_walk* programs) const { flow_walk__destroy(programs); }
  void operator()(flow_walk_by_copy* programs) const { flow_walk_by_copy__destroy(programs); }
  void operator()(table_lookup* programs) const { table_lookup__destroy(programs); }
  void operator()(btf* types) const { btf__free(types); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

/// The first warning of libbpf. It causes the many warnings after it.
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

/// Returns the capabilities in `needed` that this process lacks: "CAP_BPF and CAP_PERFMON".
std::string Missing(Capabilities needed) {
  std::string missing;
  if (MayUse(CAP_SYS_ADMIN)) return missing;  // the kernel accepts it instead of these
  for (const auto& [number, name] : needed) {
    if (!MayUse(number)) missing += (missing.empty() ? "" : " and ") + std::string(name);
  }
  return missing;
}

Error LoadError(int code, Capabilities needed) {
  auto error = ErrorFromErrno(code, "loading the BPF programs");
  const auto missing = Missing(needed);
  if (!missing.empty() && (code == EPERM || code == EACCES)) {
    error.remedy = "give " + missing + " at the start";
    if (!MayUse(CAP_SYSLOG))
      error.remedy += "; CAP_SYSLOG too, to find the table before the first flow";
  } else if (code == EPERM || code == ENOSYS) {
    error.kind = ErrorKind::kDenied;
    error.remedy =
        "allow bpf(2) in the container's seccomp profile or in SystemCallFilter= of systemd; "
        "capabilities count in the first user namespace only";
  } else {
    if (!FirstWarning().empty()) error.message += " (" + FirstWarning() + ")";
    error.kind = ErrorKind::kAbsent;
    error.remedy =
        "a kernel with CONFIG_BPF_JIT, net.core.bpf_jit_enable not 0 and, before Linux 6.2, no "
        "lockdown=confidentiality";
  }
  return error;
}

/// Fails if neither the kernel's BTF nor that of the module has a type or function of nf_conntrack,
/// as far as this process may read them.
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
              "nf_conntrack is a module, and using its types needs CAP_SYS_ADMIN",
              "give CAP_SYS_ADMIN at the start");
}

/// Returns the kernel's BTF.
Result<Owned<btf>> KernelTypes() {
  ::libbpf_set_print(RecordWarning);
  Owned<btf> types(::btf__load_vmlinux_btf());
  if (!types) {
    return Fail(ErrorKind::kAbsent, "this kernel has no type information (/sys/kernel/btf/vmlinux)",
                "a kernel with CONFIG_DEBUG_INFO_BTF");
  }
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

/// Checks that programs can read kernel memory in place.
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

/// Duplicates descriptors, so that they stay open when libbpf closes its own.
Handles Duplicates(std::initializer_list<int> fds) {
  Handles handles;
  for (const int fd : fds) handles.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return handles;
}

/// Opens a libbpf object, adapts it to this kernel with `fit`, and loads it.
template <class Object, class Fit>
Result<Owned<Object>> Load(Object* (*open)(), int (*load)(Object*), Capabilities needed, Fit fit) {
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
  const auto types = KernelTypes();
  if (!types) return Fail(types.error());
  auto there = RequireConntrack(**types, "nf_conn", BTF_KIND_STRUCT);
  if (!there) return Fail(std::move(there.error()));
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
  const auto types = KernelTypes();
  if (!types) return Fail(types.error());
  auto ready = RequireReading(**types);
  if (ready) ready = RequireConntrack(**types, "bpf_skb_ct_lookup", BTF_KIND_FUNC);
  if (!ready) return Fail(std::move(ready.error()));
  const auto object = Load(table_lookup__open, table_lookup__load, kForLookup,
                           [&](table_lookup& lookup) { return SetWordsType(**types, lookup); });
  if (!object) return Fail(object.error());
  const auto& [progs, maps] = std::tie((*object)->progs, (*object)->maps);
  return Duplicates({::bpf_program__fd(progs.look_up), ::bpf_program__fd(progs.find_table),
                     ::bpf_map__fd(maps.bss)});
}

}  // namespace conntrack::kernel::bpf
