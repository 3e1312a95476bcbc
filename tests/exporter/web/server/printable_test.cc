#include "exporter/web/server/printable.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

TEST(Printable, KeepsPlainText) { EXPECT_EQ(Printable("table ~!"), "table ~!"); }

TEST(Printable, HidesControlAndForeignBytes) {
  EXPECT_EQ(Printable(std::string("a\r\n\x1b[31m\0\xc3\xa9\x7f", 12)), "a???[31m????");
}

TEST(Printable, CutsLongText) {
  EXPECT_EQ(Printable(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(Printable(std::string(5000, 'a')), std::string(64, 'a') + "...");
}

}  // namespace
}  // namespace conntrack::exporter::web
