// How the BPF walk comes by the address of the hash table, and what it makes of a wrong one.
#include <gmock/gmock.h>
#include <netinet/in.h>

#include <functional>
#include <optional>
#include <set>

#include "tests/live/known_page.h"
#include "tests/live/walked_table.h"

namespace conntrack {
namespace {

using kernel::Flow;
using test::BucketsOf;
using test::FlowRecorder;

class BpfAddress : public test::WalkedTable {
 protected:
  void SetUp() override {
    WalkedTable::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    programs_ = ProgramsThatLookUp();
    ASSERT_EQ(programs_->FindVariables(), kernel::TableVariables{});
  }
};

/// Passes everything on.
class ForwardingPrograms : public kernel::FlowWalkPrograms {
 public:
  explicit ForwardingPrograms(std::shared_ptr<FlowWalkPrograms> programs)
      : programs_(std::move(programs)) {}

  [[nodiscard]] unsigned batches() const override { return programs_->batches(); }
  [[nodiscard]] flow_walk_batch& batch(unsigned index) override { return programs_->batch(index); }
  [[nodiscard]] Result<void> Run(unsigned index) override { return programs_->Run(index); }
  [[nodiscard]] Result<kernel::OwnNamespace> FindOwnNamespace() override {
    return programs_->FindOwnNamespace();
  }
  [[nodiscard]] Result<kernel::TableVariables> FindVariables() override {
    return programs_->FindVariables();
  }
  void ForgetVariables() override { programs_->ForgetVariables(); }
  [[nodiscard]] Result<kernel::FlowLocation> FindTable(const Flow& known) override {
    return programs_->FindTable(known);
  }

 private:
  const std::shared_ptr<FlowWalkPrograms> programs_;
};

/// Says that the table is somewhere else.
class Misled final : public ForwardingPrograms {
 public:
  Misled(std::shared_ptr<FlowWalkPrograms> programs, std::int64_t shift, std::uint64_t instead = 0)
      : ForwardingPrograms(std::move(programs)), shift_(shift), instead_(instead) {}

  [[nodiscard]] Result<kernel::TableVariables> FindVariables() override {
    return kernel::TableVariables{};
  }
  [[nodiscard]] Result<kernel::FlowLocation> FindTable(const Flow& known) override {
    auto found = ForwardingPrograms::FindTable(known);
    if (!found) return found;
    if (instead_ != 0) found->table = instead_;
    found->table += static_cast<std::uint64_t>(shift_);
    return found;
  }

 private:
  const std::int64_t shift_;
  const std::uint64_t instead_;
};

/// Says that the kernel has variables that tell where the table is, and of which generation.
class WithVariables final : public ForwardingPrograms {
 public:
  WithVariables(std::shared_ptr<FlowWalkPrograms> programs, std::uint64_t page)
      : ForwardingPrograms(std::move(programs)), variables_{page, page + sizeof(std::uint64_t)} {}

  /// Called before each run.
  std::function<void()> before_run = [] {};

  [[nodiscard]] Result<void> Run(unsigned index) override {
    before_run();
    return ForwardingPrograms::Run(index);
  }
  [[nodiscard]] Result<kernel::TableVariables> FindVariables() override { return variables_; }
  [[nodiscard]] Result<kernel::FlowLocation> FindTable(const Flow&) override {
    ADD_FAILURE() << "looked up although the variable is known";
    return Fail(ErrorKind::kIo, "looked up");
  }

 private:
  const kernel::TableVariables variables_;
};

void ExpectRefused(kernel::FlowSource& source, const char* what) {
  FlowRecorder seen;
  const auto walked = source.Walk(seen, {});
  ASSERT_FALSE(walked) << what;
  EXPECT_EQ(walked.error().kind, ErrorKind::kInterrupted) << what << ": " << walked.error().message;
  EXPECT_THAT(seen.flows, testing::IsEmpty()) << what;
  EXPECT_FALSE(source.table()) << what;
}

TEST_F(BpfAddress, TheTableIsFoundByALookup) {
  const auto flows = static_cast<std::size_t>(test::FillVariedTable());
  for (const unsigned threads : {1U, 3U}) {
    auto bpf = Bpf(ProgramsThatLookUp(threads));
    static_cast<void>(WalkAsDumped(bpf, flows));
  }
}

TEST_F(BpfAddress, TheTableIsFoundByAFlowOfEitherFamily) {
  test::FillVariedTable();
  auto netlink = Ctnetlink();
  std::set<std::uint64_t> tables;
  std::set<int> families;
  for (const auto& flow : Walk(netlink)) {
    if (flow.protocol != IPPROTO_UDP && flow.protocol != IPPROTO_TCP) continue;
    if (flow.zone != 0 || flow.reply_zone != 0) continue;
    const auto found = programs_->FindTable(flow);
    ASSERT_TRUE(found) << found.error().message;
    tables.insert(found->table);
    families.insert(flow.family);
    EXPECT_LT(found->bucket, Sysctl("nf_conntrack_buckets"));
  }
  EXPECT_EQ(tables.size(), 1U);  // by whichever flow
  EXPECT_EQ(families.size(), 2U);
}

TEST_F(BpfAddress, AFlowThatIsGoneFindsNothing) {
  test::FillNumbered(0, 1, 600);
  auto netlink = Ctnetlink();
  const auto flow = Walk(netlink).at(0);
  test::RemoveAll();
  const auto found = programs_->FindTable(flow);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::kInterrupted);
}

TEST_F(BpfAddress, AWrongAddressOfTheTableIsRefused) {
  test::FillNumbered(0, 500, 600);
  const auto own = programs_->FindOwnNamespace().value();
  struct Case {
    const char* what;
    std::int64_t shift;
    std::uint64_t instead;
  };
  for (const auto& [what, shift, instead] : {
           Case{"a bucket further", 8, 0},
           Case{"a bucket before", -8, 0},
           Case{"half a bucket further", 4, 0},
           Case{"a page further", 4096, 0},
           Case{"what describes the network namespace", 0, own.address},
           Case{"memory of a process", 0, 8},
           Case{"no address at all", 0, std::uint64_t{0x123456789abcdef0}},
       }) {
    auto bpf = Bpf(std::make_shared<Misled>(programs_, shift, instead));
    ExpectRefused(bpf, what);
  }
}

class BpfAddressByVariables : public BpfAddress {
 protected:
  void SetUp() override {
    BpfAddress::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    test::FillNumbered(0, 500, 600);
    page_.emplace();
    variable_ = page_->Find(*programs_, programs_->FindOwnNamespace().value().address);
    if (variable_ == 0) {
      GTEST_SKIP() << "SKIPPED: where the kernel has a page of this process cannot be found here";
    }
    page_->word(1) = 2;  // an even generation
    FlowRecorder flow;
    auto netlink = Ctnetlink();
    ASSERT_TRUE(netlink.Walk(flow, {}));
    ASSERT_FALSE(flow.flows.empty());
    table_ = programs_->FindTable(flow.flows.front()).value().table;
  }

  std::optional<test::KnownPage> page_;
  std::uint64_t variable_ = 0;
  std::uint64_t table_ = 0;
};

TEST_F(BpfAddressByVariables, TheTableIsFoundWithoutALookup) {
  page_->word(0) = table_;
  for (const unsigned threads : {1U, 3U}) {
    auto bpf = Bpf(std::make_shared<WithVariables>(ProgramsThatLookUp(threads), variable_));
    static_cast<void>(WalkAsDumped(bpf, 500));
    EXPECT_EQ(BucketsOf(bpf.table().value()), Sysctl("nf_conntrack_buckets"));
  }
}

TEST_F(BpfAddressByVariables, AVariableThatNamesNoTableIsRefused) {
  const auto own = programs_->FindOwnNamespace().value();
  for (const auto wrong :
       {table_ + 8, own.address, variable_, std::uint64_t{0}, std::uint64_t{8}}) {
    page_->word(0) = wrong;
    auto bpf = Bpf(std::make_shared<WithVariables>(programs_, variable_));
    ExpectRefused(bpf, "a wrong value of the variable");
  }
}

TEST_F(BpfAddressByVariables, ATableThatIsReplacedBetweenTwoWalksIsNoticed) {
  page_->word(0) = table_;
  auto bpf = Bpf(std::make_shared<WithVariables>(programs_, variable_));
  EXPECT_EQ(Walk(bpf).size(), 500U);
  page_->word(0) = table_ + 8;
  ExpectRefused(bpf, "replaced");
  page_->word(0) = table_;
  EXPECT_EQ(Walk(bpf).size(), 500U);
}

TEST_F(BpfAddressByVariables, AResizeUnderTheWalkIsNoticedAndItsEndWaitedFor) {
  page_->word(0) = table_;
  auto programs = std::make_shared<WithVariables>(programs_, variable_);
  auto bpf = Bpf(programs);
  int runs = 0;
  programs->before_run = [&] {
    ++runs;
    if (runs == 6 || runs == 20) ++page_->word(1);
  };
  EXPECT_EQ(Walk(bpf).size(), 500U);
  EXPECT_EQ(bpf.errors().interruptions, 1U);
  EXPECT_GT(runs, 20);
}

}  // namespace
}  // namespace conntrack
