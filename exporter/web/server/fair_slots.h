// A limit on what runs at once, that one client cannot use up for all.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace conntrack::exporter::web {

/// \brief  A bounded number of slots, some of them kept for sources that have none.
/// Threads: any number at once.
class FairSlots {
  using Count = std::map<std::string, std::size_t>;

 public:
  /// Held for as long as it lives; the FairSlots outlives it.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), at_(other.at_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (owner_ != nullptr) owner_->Return(at_);
    }

   private:
    friend FairSlots;
    Slot(FairSlots& owner, Count::iterator at) noexcept : owner_(&owner), at_(at) {}

    FairSlots* owner_;
    Count::iterator at_;
  };

  /// `kept` of `number` are only for sources that have no other; `number` 0 is no limit.
  FairSlots(std::size_t number, std::size_t kept) : number_(number), kept_(kept) {}

  /// Nothing where there is none for that source.
  [[nodiscard]] std::optional<Slot> Take(const std::string& source);

 private:
  void Return(Count::iterator at);

  const std::size_t number_;
  const std::size_t kept_;
  std::mutex mutex_;  ///< Guards what follows.
  std::size_t taken_ = 0;
  Count by_source_;  ///< Only sources that have any.
};

}  // namespace conntrack::exporter::web
