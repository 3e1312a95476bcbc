#include "kernel/result.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace conntrack {
namespace {

using testing::HasSubstr;

TEST(ErrorFromErrno, MapsWhatACallerActsOn) {
  EXPECT_EQ(ErrorFromErrno(ENOENT, "x").kind, ErrorKind::kAbsent);
  EXPECT_EQ(ErrorFromErrno(EPROTONOSUPPORT, "x").kind, ErrorKind::kAbsent);
  EXPECT_EQ(ErrorFromErrno(EPERM, "x").kind, ErrorKind::kDenied);
  EXPECT_EQ(ErrorFromErrno(EACCES, "x").kind, ErrorKind::kDenied);
  EXPECT_EQ(ErrorFromErrno(EINTR, "x").kind, ErrorKind::kInterrupted);
  EXPECT_EQ(ErrorFromErrno(ENOBUFS, "x").kind, ErrorKind::kOverrun);
  EXPECT_EQ(ErrorFromErrno(EBUSY, "x").kind, ErrorKind::kBusy);
  EXPECT_EQ(ErrorFromErrno(EAGAIN, "x").kind, ErrorKind::kTimeout);
  EXPECT_EQ(ErrorFromErrno(ENOSPC, "x").kind, ErrorKind::kMalformed);
  EXPECT_EQ(ErrorFromErrno(EIO, "x").kind, ErrorKind::kIo);
}

TEST(ErrorFromErrno, KeepsTheNumberAndSaysWhatWasDone) {
  const auto error = ErrorFromErrno(EACCES, "opening /proc/slabinfo");
  EXPECT_EQ(error.code, EACCES);
  EXPECT_EQ(error.message, "opening /proc/slabinfo: Permission denied");
}

TEST(ErrorKind, EachHasAWordOfItsOwn) {
  EXPECT_EQ(ToString(ErrorKind::kAbsent), "absent");
  EXPECT_EQ(ToString(ErrorKind::kHeldBack), "held_back");
  EXPECT_EQ(ToString(ErrorKind::kIo), "io");
}

}  // namespace
}  // namespace conntrack
