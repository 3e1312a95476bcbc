#include "kernel/bpf/load_programs.h"

#include <gmock/gmock.h>

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

TEST(FindKernelSymbolTest, ReadsUntilItIsFound) {
  test::TempTree tree;
  tree.Write("kallsyms",
             "ffffffff81000000 T _text\nffffffff82c0a2c8 D nf_conntrack_hash\nrubbish\n");
  EXPECT_EQ(FindKernelSymbol(KernelFiles(tree.root()), kSymbol).value(), 0xffffffff82c0a2c8);
}

TEST(FindKernelSymbolTest, SaysWhatIsMissing) {
  test::TempTree tree;
  const KernelFiles proc(tree.root());
  EXPECT_EQ(FindKernelSymbol(proc, kSymbol).error().kind, ErrorKind::kAbsent);

  tree.Write("kallsyms", "ffffffff81000000 T _text\n");
  const auto absent = FindKernelSymbol(proc, kSymbol);
  EXPECT_EQ(absent.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(absent.error().remedy, HasSubstr("CONFIG_KALLSYMS_ALL"));

  tree.Write("kallsyms", "0000000000000000 D nf_conntrack_hash\n");
  const auto hidden = FindKernelSymbol(proc, kSymbol);
  EXPECT_EQ(hidden.error().kind, ErrorKind::kDenied);
  EXPECT_THAT(hidden.error().remedy, HasSubstr("CAP_SYSLOG"));
}

TEST(FindKernelSymbolTest, TheKernelHasItsOwnText) {
  const auto text = FindKernelSymbol(KernelFiles("/proc"), "_text");
  if (!text) {
    EXPECT_EQ(text.error().kind, ErrorKind::kDenied) << text.error().message;
  }
}

}  // namespace
}  // namespace conntrack::kernel::bpf
