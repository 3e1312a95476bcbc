#include "kernel/boot/root_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdio>
#include <iostream>
#include <memory>

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

using testing::IsEmpty;

std::vector<std::string> Paths(const ConfigFiles& found) {
  std::vector<std::string> paths;
  for (const auto& file : found.files) paths.push_back(file.path);
  return paths;
}

class ConfigFoldersTest : public testing::Test {
 protected:
  ConfigFiles Read() { return ReadConfigFolders(RootFiles(host_.root()), "sysctl.d", ".conf"); }
  test::HostTree host_;
};

TEST_F(ConfigFoldersTest, FilesAreSortedByNameWhereverTheyAre) {
  host_.File("/etc/sysctl.d/50-b.conf", "")
      .File("/usr/lib/sysctl.d/60-c.conf", "")
      .File("/run/sysctl.d/10-a.conf", "")
      .File("/usr/local/lib/sysctl.d/70-d.conf", "")
      .File("/etc/sysctl.d/Z.conf", "");
  EXPECT_THAT(Paths(Read()),
              ElementsAre("/run/sysctl.d/10-a.conf", "/etc/sysctl.d/50-b.conf",
                          "/usr/lib/sysctl.d/60-c.conf", "/usr/local/lib/sysctl.d/70-d.conf",
                          "/etc/sysctl.d/Z.conf"));
}

TEST_F(ConfigFoldersTest, TheSameNameInAnEarlierFolderReplaces) {
  host_.File("/usr/lib/sysctl.d/a.conf", "1")
      .File("/usr/local/lib/sysctl.d/a.conf", "2")
      .File("/run/sysctl.d/a.conf", "3");
  EXPECT_THAT(Read().files, ElementsAre(ConfigFile{"/run/sysctl.d/a.conf", "3"}));
  host_.File("/etc/sysctl.d/a.conf", "4");
  EXPECT_THAT(Read().files, ElementsAre(ConfigFile{"/etc/sysctl.d/a.conf", "4"}));
}

TEST_F(ConfigFoldersTest, ALinkToTheNullDeviceMasks) {
  host_.File("/usr/lib/sysctl.d/a.conf", "1").Link("/etc/sysctl.d/a.conf", "/dev/null");
  EXPECT_THAT(Read().files, ElementsAre(ConfigFile{"/etc/sysctl.d/a.conf", ""}));
}

TEST_F(ConfigFoldersTest, OtherNamesAreNotRead) {
  host_.File("/etc/sysctl.d/a.conf.dpkg-old", "").File("/etc/sysctl.d/.a.conf", "");
  EXPECT_THAT(Read().files, IsEmpty());
}

TEST_F(ConfigFoldersTest, AMergedUsrCountsOnce) {
  host_.File("/usr/lib/sysctl.d/a.conf", "1").Link("/lib", "usr/lib");
  EXPECT_THAT(Paths(Read()), ElementsAre("/usr/lib/sysctl.d/a.conf"));
}

TEST_F(ConfigFoldersTest, ASplitUsrCountsBoth) {
  host_.File("/usr/lib/sysctl.d/b.conf", "").File("/lib/sysctl.d/a.conf", "");
  EXPECT_THAT(Paths(Read()), ElementsAre("/lib/sysctl.d/a.conf", "/usr/lib/sysctl.d/b.conf"));
}

TEST_F(ConfigFoldersTest, WhatVanishesOrCannotBeReadIsNamed) {
  host_.Link("/etc/sysctl.d/gone.conf", "/nowhere").File("/etc/sysctl.d/is-a-folder.conf/x", "");
  const auto found = Read();
  ASSERT_EQ(found.unreadable.size(), 2U);
  EXPECT_EQ(found.unreadable[0].path, "/etc/sysctl.d/gone.conf");
  EXPECT_EQ(found.unreadable[0].reason.kind, ErrorKind::kAbsent);
  EXPECT_EQ(found.unreadable[1].reason.kind, ErrorKind::kMalformed);
}

/// The comment lines "# /path" that systemd-analyze puts before each file.
std::vector<std::string> PathsOfSystemd(const std::string& root) {
  const auto command = "systemd-analyze cat-config --no-pager --root=" + root + " sysctl.d 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::vector<std::string> paths;
  char line[4096];
  while (::fgets(line, sizeof(line), pipe.get()) != nullptr) {
    std::string text(line);
    if (!text.starts_with("# " + root + "/")) continue;
    text.pop_back();
    paths.push_back(text.substr(2 + root.size()));
  }
  return paths;
}

TEST_F(ConfigFoldersTest, SystemdReadsTheSameFilesInTheSameOrder) {
  if (::system("systemd-analyze --version >/dev/null 2>&1") != 0) {
    std::cerr << "SKIPPED: no systemd-analyze here" << std::endl;
    GTEST_SKIP();
  }
  host_.File("/etc/sysctl.conf", "#\n").Link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
  const char* const names[] = {"10-a.conf", "50-b.conf", "9.conf", "99-z.conf", "A.conf", "_.conf"};
  const char* const folders[] = {"/etc/sysctl.d/", "/run/sysctl.d/", "/usr/local/lib/sysctl.d/",
                                 "/usr/lib/sysctl.d/"};
  // Every name in its own choice of folders.
  for (unsigned name = 0; name < std::size(names); ++name) {
    for (unsigned folder = 0; folder < std::size(folders); ++folder) {
      if (((name * 7 + 5) >> folder & 1U) == 0) continue;
      host_.File(std::string(folders[folder]) + names[name], "# " + std::to_string(folder) + "\n");
    }
  }
  const auto theirs = PathsOfSystemd(host_.path().string());
  ASSERT_GT(theirs.size(), std::size(names));
  EXPECT_EQ(Paths(Read()), theirs);
}

}  // namespace
}  // namespace conntrack::kernel
