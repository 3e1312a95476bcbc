#include "kernel/bpf/flow_walk_programs.h"

#include <bpf/bpf.h>
#include <endian.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "kernel/bpf/load_programs.h"

namespace conntrack::kernel {
namespace {

using bpf::Handles;

constexpr std::size_t kPacketSize = 64;  // size of a dummy packet; at least an Ethernet header

/// The memory of a map, shared with the programs.
class SharedMemory {
 public:
  SharedMemory(int map, std::size_t size)
      : size_(WholePages(size)),
        memory_(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0)) {}
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() {
    if (*this) ::munmap(memory_, size_);
  }

  explicit operator bool() const { return memory_ != MAP_FAILED; }
  [[nodiscard]] void* get() const { return memory_; }

 private:
  static std::size_t WholePages(std::size_t size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
  }

  const std::size_t size_;
  void* const memory_;
};

/// Like LIBBPF_OPTS().
bpf_test_run_opts RunOptions() {
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  return options;
}

/// Runs a program with BPF_PROG_TEST_RUN. It may change the context.
template <class Context>
Result<void> TestRun(int program, Context& context, const char* what) {
  auto options = RunOptions();
  options.ctx_in = &context;
  options.ctx_size_in = sizeof(context);
  const int code = ::bpf_prog_test_run_opts(program, &options);
  if (code != 0) return Fail(ErrorFromErrno(-code, what));
  if (options.retval != 0) {
    return Fail(ErrorKind::kIo,
                std::string(what) + ": the program returned " + std::to_string(options.retval));
  }
  return {};
}

class LibbpfFlowWalkPrograms final : public FlowWalkPrograms {
 public:
  LibbpfFlowWalkPrograms(Handles walk, unsigned batches, bpf::KernelSymbols symbols,
                         Result<Handles> lookup)
      : walk_(std::move(walk)),
        lookup_(std::move(lookup)),
        symbols_(std::move(symbols)),
        batches_(batches),
        shared_batches_(walk_.at(bpf::kBatches).get(), sizeof(flow_walk_batch) * batches) {
    if (!lookup_) return;
    shared_flow_.emplace(lookup_->at(bpf::kKnownFlow).get(), sizeof(flow_walk_known_flow));
  }

  [[nodiscard]] bool is_mapped() const { return shared_batches_ && (!lookup_ || *shared_flow_); }

  [[nodiscard]] unsigned batches() const override { return batches_; }
  [[nodiscard]] flow_walk_batch& batch(unsigned index) override {
    // The values of an array map are contiguous, each rounded up to 8 bytes.
    static_assert(sizeof(flow_walk_batch) % 8 == 0);
    return static_cast<flow_walk_batch*>(shared_batches_.get())[index];
  }

  [[nodiscard]] Result<void> Run(unsigned index) override {
    flow_walk_run run{index};
    return TestRun(walk_[bpf::kWalk].get(), run, "walking the table with BPF");
  }

  [[nodiscard]] Result<OwnNamespace> FindOwnNamespace() override {
    char nothing = 0;
    auto ran =
        TestRun(walk_[bpf::kFindSelf].get(), nothing, "finding the network namespace with BPF");
    if (!ran) return Fail(std::move(ran.error()));
    return OwnNamespace{batch(0).own_net, batch(0).own_inode};
  }

  [[nodiscard]] Result<TableVariables> FindVariables() override {
    auto found = symbols_.Find();
    if (found) return found;
    if (lookup_) return TableVariables{};
    // Read it again in the next walk: modules may have been loaded or unloaded during the read.
    if (found.error().kind == ErrorKind::kAbsent) symbols_.Forget();
    found.error().message +=
        ", and the table cannot be found by a flow: " + lookup_.error().message;
    return found;
  }
  void ForgetVariables() override { symbols_.Forget(); }

  [[nodiscard]] Result<FlowLocation> FindTable(const Flow& known) override;

 private:
  [[nodiscard]] Result<void> LookUp(const Flow& known);

  const Handles walk_;
  const Result<Handles> lookup_;
  bpf::KernelSymbols symbols_;
  const unsigned batches_;
  const SharedMemory shared_batches_;
  std::optional<SharedMemory> shared_flow_;  // set if lookup_ is
};

Result<FlowLocation> LibbpfFlowWalkPrograms::FindTable(const Flow& known) {
  if (auto found = LookUp(known); !found) return Fail(found.error());
  char nothing = 0;
  auto ran = TestRun((*lookup_)[bpf::kFindTable].get(), nothing, "finding the hash table with BPF");
  if (!ran) return Fail(std::move(ran.error()));
  const auto& found = *static_cast<const flow_walk_known_flow*>(shared_flow_->get());
  if (found.table == 0) {
    return Fail(ErrorKind::kInterrupted, "the chain of the flow that was looked up moved");
  }
  return FlowLocation{found.table, found.bucket};
}

Result<void> LibbpfFlowWalkPrograms::LookUp(const Flow& known) {
  auto& wanted = *static_cast<flow_walk_known_flow*>(shared_flow_->get());
  wanted = {};
  wanted.family = known.family;
  wanted.protocol = known.protocol;
  const auto& tuple = known.original;
  std::memcpy(wanted.source, tuple.source.data(), sizeof(wanted.source));
  std::memcpy(wanted.destination, tuple.destination.data(), sizeof(wanted.destination));
  wanted.source_port = htobe16(tuple.source_port);
  wanted.destination_port = htobe16(tuple.destination_port);
  auto options = RunOptions();
  const std::array<char, kPacketSize> packet{};
  options.data_in = packet.data();
  options.data_size_in = packet.size();
  constexpr const char* kWhat = "looking a flow up with BPF";
  const int code = ::bpf_prog_test_run_opts((*lookup_)[bpf::kLookUp].get(), &options);
  if (code != 0) return Fail(ErrorFromErrno(-code, kWhat));
  if (wanted.node != 0) return {};
  if (wanted.error == ENOENT) {
    return Fail(ErrorKind::kInterrupted, "the flow to look up no longer exists");
  }
  return Fail(ErrorFromErrno(wanted.error, kWhat));
}

}  // namespace

Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(const KernelFiles& proc,
                                                               const KernelFiles& sys,
                                                               unsigned threads,
                                                               WalkReading reading) {
  auto walk = bpf::LoadInChildProcess([&] { return bpf::LoadWalk(threads, reading); });
  if (!walk) return Fail(std::move(walk.error()));
  bpf::KernelSymbols symbols(proc, sys);
  const auto no_lookup = Fail(ErrorKind::kHeldBack, "the programs that look one up are not loaded",
                              "restart the exporter");
  Result<Handles> lookup = no_lookup;
  if (!symbols.Find()) {
    lookup = bpf::LoadInChildProcess(bpf::LoadLookup);
    // The module may have been loaded meanwhile. The lookup programs would prevent unloading it.
    if (symbols.Find()) lookup = no_lookup;
  }
  auto loaded = std::make_shared<LibbpfFlowWalkPrograms>(*std::move(walk), threads,
                                                         std::move(symbols), std::move(lookup));
  if (!loaded->is_mapped()) return Fail(ErrorFromErrno(errno, "mapping memory of BPF programs"));
  return loaded;
}

}  // namespace conntrack::kernel
