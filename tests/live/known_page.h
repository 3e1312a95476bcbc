// Memory of which the kernel's address is known.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/unique_fd.h"

namespace conntrack::test {

/// A page of this process that the kernel has at an address that is known: in its map of all
/// memory, at the frame that /proc/self/pagemap names.
class KnownPage {
 public:
  static constexpr std::size_t kWords = 512;

  KnownPage()
      : words_(
            static_cast<std::uint64_t*>(::mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0))) {
    if (words_ == MAP_FAILED) throw std::bad_alloc();
  }
  KnownPage(const KnownPage&) = delete;
  KnownPage& operator=(const KnownPage&) = delete;
  ~KnownPage() { ::munmap(words_, kSize); }

  [[nodiscard]] std::uint64_t& word(std::size_t index) { return words_[index]; }

  /// \brief  The page as empty buckets, and where the kernel has it; 0 where that cannot be found.
  ///
  /// `near` is something else in the map of all memory, which begins at a multiple of a gigabyte.
  /// The page is where a walk finds these buckets.
  [[nodiscard]] std::uint64_t Find(kernel::FlowWalkPrograms& programs, std::uint64_t near) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] = i << 1 | 1;
    const auto frame = Frame();
    if (!frame) return 0;
    constexpr std::uint64_t kGigabyte = 1 << 30;
    constexpr int kMost = 4096;  // gigabytes of memory, in which to look
    std::uint64_t begin = near / kGigabyte * kGigabyte;
    for (int i = 0; i < kMost; ++i, begin -= kGigabyte) {
      const auto address = begin + *frame * kSize;
      if (IsHere(programs, address)) return address;
    }
    return 0;
  }

 private:
  static constexpr std::size_t kSize = 4096;

  [[nodiscard]] std::optional<std::uint64_t> Frame() const {
    const kernel::UniqueFd map(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    std::uint64_t entry = 0;
    const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(words_) / kSize * 8);
    if (!map || ::pread(map.get(), &entry, sizeof entry, at) != sizeof entry) return std::nullopt;
    const auto frame = entry & ((std::uint64_t{1} << 55) - 1);
    return frame == 0 ? std::nullopt : std::optional(frame);
  }

  [[nodiscard]] static bool IsHere(kernel::FlowWalkPrograms& programs, std::uint64_t address) {
    auto& batch = programs.batch(0);
    std::memset(&batch, 0, offsetof(flow_walk_batch, node));
    batch.table = address;
    batch.end = kWords;
    return programs.Run(0) && batch.torn_chains == 0 && batch.chains[0] == kWords;
  }

  std::uint64_t* const words_;
};

}  // namespace conntrack::test
