#include "kernel/bpf/load_programs.h"

#include <gmock/gmock.h>

#include <array>

#include "tests/support/temp_tree.h"

namespace conntrack::kernel::bpf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSymbol = "nf_conntrack_hash";
constexpr std::array<std::string_view, 2> kSymbols = {"nf_conntrack_generation", kSymbol};

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

TEST(FindKernelSymbolsTest, ReadsUntilAllAreFound) {
  test::TempTree tree;
  tree.Write("kallsyms",
             "ffffffff81000000 T _text\nffffffff82c0a2c8 D nf_conntrack_hash\n"
             "ffffffff82c0a2d0 D nf_conntrack_generation\nrubbish\n");
  EXPECT_THAT(FindKernelSymbols(KernelFiles(tree.root()), kSymbols).value(),
              ElementsAre(0xffffffff82c0a2d0, 0xffffffff82c0a2c8));
}

TEST(FindKernelSymbolsTest, SaysWhatIsMissing) {
  test::TempTree tree;
  const KernelFiles proc(tree.root());
  EXPECT_EQ(FindKernelSymbols(proc, kSymbols).error().kind, ErrorKind::kAbsent);

  tree.Write("kallsyms", "ffffffff82c0a2d0 D nf_conntrack_generation\n");
  const auto absent = FindKernelSymbols(proc, kSymbols);
  EXPECT_EQ(absent.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(absent.error().message, HasSubstr("has no nf_conntrack_hash"));
  EXPECT_THAT(absent.error().remedy, HasSubstr("CONFIG_KALLSYMS_ALL"));

  tree.Write("kallsyms", "0000000000000000 D nf_conntrack_hash\n");
  const auto hidden = FindKernelSymbols(proc, kSymbols);
  EXPECT_EQ(hidden.error().kind, ErrorKind::kDenied);
  EXPECT_THAT(hidden.error().remedy, HasSubstr("CAP_SYSLOG"));
}

TEST(FindKernelSymbolsTest, TheKernelHasItsOwnText) {
  const auto text = FindKernelSymbols(KernelFiles("/proc"), std::vector<std::string_view>{"_text"});
  if (!text) {
    EXPECT_EQ(text.error().kind, ErrorKind::kDenied) << text.error().message;
  }
}

}  // namespace
}  // namespace conntrack::kernel::bpf
