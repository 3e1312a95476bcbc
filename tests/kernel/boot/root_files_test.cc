#include "kernel/boot/root_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;

class RootFilesTest : public testing::Test {
 protected:
  RootFiles Root() { return RootFiles(host_.root()); }
  test::HostTree host_;
};

TEST_F(RootFilesTest, AbsoluteLinksLeadIntoTheRootAndNotIntoOurOwn) {
  host_.File("/etc/passwd", "theirs").Link("/etc/sysctl.d/a.conf", "/etc/passwd");
  EXPECT_EQ(Root().Read("/etc/sysctl.d/a.conf").value(), "theirs");
  EXPECT_EQ(Root().Resolve("/etc/sysctl.d/a.conf").value(), "etc/passwd");
}

TEST_F(RootFilesTest, NoLinkLeadsOutOfTheRoot) {
  host_.File("/etc/hostname", "theirs")
      .Link("/etc/a", "../../../../../../../../etc/hostname")
      .Link("/up", "..");
  EXPECT_EQ(Root().Read("/etc/a").value(), "theirs");
  EXPECT_EQ(Root().Read("/up/up/etc/hostname").value(), "theirs");
}

TEST_F(RootFilesTest, FoldersMayBeLinksAsWell) {
  host_.File("/usr/lib/sysctl.d/x.conf", "x")
      .Link("/lib", "usr/lib")
      .Link("/etc/d", "/lib/sysctl.d");
  EXPECT_EQ(Root().Read("/lib/sysctl.d/x.conf").value(), "x");
  EXPECT_EQ(Root().Read("/etc/d/./x.conf").value(), "x");
  EXPECT_THAT(Root().List("/etc/d").value(), ElementsAre("x.conf"));
}

TEST_F(RootFilesTest, TheNullDeviceIsEmptyEvenWhereTheImageHasNone) {
  host_.Link("/etc/sysctl.d/a.conf", "/dev/null").Link("/etc/sysctl.d/b.conf", "../../dev/null");
  EXPECT_EQ(Root().Read("/etc/sysctl.d/a.conf").value(), "");
  EXPECT_EQ(Root().Read("/etc/sysctl.d/b.conf").value(), "");
}

TEST_F(RootFilesTest, WhatIsNotThereIsAbsent) {
  host_.Link("/etc/dangling", "/nowhere/at/all").Link("/etc/loop", "loop");
  EXPECT_EQ(Root().Read("/etc/nothing").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(Root().Read("/etc/dangling").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(Root().List("/etc/nothing").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(Root().Read("/etc/loop").error().code, ELOOP);
  EXPECT_EQ(Root().Read("/usr/lib/systemd/systemd/below/a/file").error().kind, ErrorKind::kAbsent);
}

TEST_F(RootFilesTest, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((host_.path() / "etc/pipe").c_str(), 0600), 0);
  EXPECT_EQ(Root().Read("/etc/pipe").error().kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace conntrack::kernel
