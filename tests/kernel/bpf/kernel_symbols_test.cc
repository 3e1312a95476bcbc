#include "kernel/bpf/kernel_symbols.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_tree.h"

namespace conntrack::kernel::bpf {
namespace {

using testing::HasSubstr;

constexpr const char* kSymbol = "nf_conntrack_hash";

TEST(SymbolAddressTest, IsThatOfTheVariableOrOfAModule) {
  EXPECT_EQ(SymbolAddress("ffffffff82c0a2c8 D nf_conntrack_hash", kSymbol), 0xffffffff82c0a2c8);
  EXPECT_EQ(SymbolAddress("ffffffffc0a2c800 B nf_conntrack_hash\t[nf_conntrack]", kSymbol),
            0xffffffffc0a2c800);
}

TEST(SymbolAddressTest, OthersAreNot) {
  for (const auto* line : {"ffffffff82c0a2c8 t nf_conntrack_hash_check_insert",
                           "ffffffff82c0a2c8 D", "ffffffff82c0a2c8 r __ksymtab_nf_conntrack_hash",
                           "", "nf_conntrack_hash", "xyz D nf_conntrack_hash"}) {
    EXPECT_EQ(SymbolAddress(line, kSymbol), std::nullopt) << line;
  }
}

TEST(SymbolAddressTest, OneThatIsHiddenIsZero) {
  EXPECT_EQ(SymbolAddress("0000000000000000 D nf_conntrack_hash", kSymbol), 0U);
}

/// A kernel without nf_conntrack, which shows addresses.
class KernelSymbolsTest : public testing::Test {
 protected:
  KernelSymbolsTest() { Kallsyms(""); }

  /// Written over, as a descriptor of the kernel's shows what there is later.
  void Kallsyms(const std::string& module) {
    std::string text = "0000000000000000 A fixed_percpu_data\nffffffff81000000 T _text\n";
    for (int i = 0; i < 1000; ++i) text += "ffffffff81000010 t nf_conntrack_hash_sysctl\n";
    tree_.Write("proc/kallsyms", text + module);
  }

  void LoadModule(const std::string& address) {
    tree_.Write("sys/module/nf_conntrack/refcnt", "1\n");
    Kallsyms(address + "0 d nf_conntrack_generation\t[nf_conntrack]\n" + address +
             "8 D nf_conntrack_hash\t[nf_conntrack]\n");
  }

  void UnloadModule() {
    // Its inode number is not given to the next.
    std::filesystem::rename(tree_.root() / "sys/module/nf_conntrack", tree_.root() / Unused());
    Kallsyms("");
  }

  std::string Unused() { return "unloaded" + std::to_string(unloaded_++); }

  KernelSymbols Symbols() {
    return {KernelFiles(tree_.root() / "proc"), KernelFiles(tree_.root() / "sys")};
  }

  test::TempTree tree_;
  int unloaded_ = 0;
};

TEST_F(KernelSymbolsTest, AreFoundOnceTheModuleIsThere) {
  auto symbols = Symbols();
  EXPECT_EQ(symbols.Find().error().kind, ErrorKind::kAbsent);
  LoadModule("ffffffffc050");
  EXPECT_EQ(symbols.Find(), (TableVariables{0xffffffffc0508, 0xffffffffc0500}));
}

TEST_F(KernelSymbolsTest, FollowAModuleThatIsLoadedElsewhere) {
  LoadModule("ffffffffc050");
  auto symbols = Symbols();
  EXPECT_EQ(symbols.Find()->hash, 0xffffffffc0508);
  UnloadModule();
  EXPECT_EQ(symbols.Find().error().kind, ErrorKind::kAbsent);
  LoadModule("ffffffffc060");
  EXPECT_EQ(symbols.Find()->hash, 0xffffffffc0608);
}

TEST_F(KernelSymbolsTest, AreReadOnceForEachModuleUnlessTheyAreForgotten) {
  LoadModule("ffffffffc050");
  auto symbols = Symbols();
  EXPECT_EQ(symbols.Find()->hash, 0xffffffffc0508);
  Kallsyms("");
  EXPECT_EQ(symbols.Find()->hash, 0xffffffffc0508);
  symbols.Forget();
  EXPECT_EQ(symbols.Find().error().kind, ErrorKind::kAbsent);
}

TEST_F(KernelSymbolsTest, AKernelThatShowsNoVariablesIsNamed) {
  tree_.Write("sys/module/nf_conntrack/refcnt", "1\n");
  const auto found = Symbols().Find();
  EXPECT_EQ(found.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(found.error().message, HasSubstr("nf_conntrack_hash"));
  EXPECT_THAT(found.error().remedy, HasSubstr("CONFIG_KALLSYMS_ALL"));
}

TEST_F(KernelSymbolsTest, OneVariableIsNotEnough) {
  Kallsyms("ffffffff82c0a2d0 D nf_conntrack_hash\n");
  EXPECT_EQ(Symbols().Find().error().kind, ErrorKind::kAbsent);
}

TEST_F(KernelSymbolsTest, HiddenAddressesAreNamed) {
  tree_.Write("proc/kallsyms", "0000000000000000 T _text\n0000000000000000 D nf_conntrack_hash\n");
  const auto hidden = Symbols().Find();
  EXPECT_EQ(hidden.error().kind, ErrorKind::kDenied);
  EXPECT_THAT(hidden.error().remedy, HasSubstr("CAP_SYSLOG"));
}

TEST_F(KernelSymbolsTest, WithoutTheFileThereAreNone) {
  std::filesystem::remove(tree_.root() / "proc/kallsyms");
  EXPECT_EQ(Symbols().Find().error().kind, ErrorKind::kAbsent);
}

TEST_F(KernelSymbolsTest, ALineWithoutEndIsNotReadForEver) {
  tree_.Write("proc/kallsyms", "ffffffff81000000 T _text\n" + std::string(100'000, 'x'));
  EXPECT_EQ(Symbols().Find().error().kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack::kernel::bpf
