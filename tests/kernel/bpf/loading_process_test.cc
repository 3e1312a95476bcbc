#include "kernel/bpf/loading_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace conntrack::kernel::bpf {
namespace {

using testing::HasSubstr;

UniqueFd OpenNull() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(InProcessOfItsOwnTest, HandsOverWhatWasLoaded) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd reader(pipe[0]);
  UniqueFd writer(pipe[1]);
  const auto loaded = LoadInChildProcess([&]() -> Result<LoadedPrograms> {
    LoadedPrograms programs;
    programs.variables = {0xffffffff82c0a2c8, 0xffffffff82c0a2d0};
    programs.handles[0] = OpenNull();
    programs.handles[4] = UniqueFd(::dup(writer.get()));
    return programs;
  });
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->variables.hash, 0xffffffff82c0a2c8);
  EXPECT_EQ(loaded->variables.generation, 0xffffffff82c0a2d0);
  EXPECT_TRUE(IsOpen(loaded->fd(Handle::kWalk)));
  EXPECT_TRUE(::fcntl(loaded->fd(Handle::kWalk), F_GETFD) & FD_CLOEXEC);
  for (const auto handle : {Handle::kFindSelf, Handle::kLookUp, Handle::kFindTable}) {
    EXPECT_EQ(loaded->fd(handle), -1);
  }
  // Each is where it was: what is written there can be read here.
  ASSERT_EQ(::write(loaded->fd(Handle::kBatches), "x", 1), 1);
  char got = 0;
  EXPECT_EQ(::read(reader.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
}

TEST(InProcessOfItsOwnTest, AnErrorComesWhole) {
  const Error error{ErrorKind::kDenied, EPERM, "loading the BPF programs: Operation not permitted",
                    "give CAP_BPF"};
  EXPECT_EQ(LoadInChildProcess([&] { return Result<LoadedPrograms>(Fail(error)); }).error(), error);
}

TEST(InProcessOfItsOwnTest, AnEndlessMessageIsCutOff) {
  const auto loaded = LoadInChildProcess([]() -> Result<LoadedPrograms> {
    return Fail(ErrorKind::kAbsent, std::string(5000, 'm'), std::string(5000, 'r'));
  });
  EXPECT_THAT(loaded.error().message, testing::StartsWith("mmm"));
  EXPECT_LT(loaded.error().message.size(), 1001U);
  EXPECT_LT(loaded.error().remedy.size(), 1001U);
}

TEST(InProcessOfItsOwnTest, WhatIsThrownIsAnError) {
  const auto loaded = LoadInChildProcess(
      []() -> Result<LoadedPrograms> { throw std::runtime_error("out of luck"); });
  EXPECT_EQ(loaded.error().kind, ErrorKind::kIo);
  EXPECT_THAT(loaded.error().message, HasSubstr("out of luck"));
}

TEST(InProcessOfItsOwnTest, AProcessThatEndsIsAnError) {
  const auto loaded = LoadInChildProcess([]() -> Result<LoadedPrograms> { ::_exit(9); });
  EXPECT_EQ(loaded.error().kind, ErrorKind::kIo);
  EXPECT_THAT(loaded.error().message, HasSubstr("ended without an answer"));
}

}  // namespace
}  // namespace conntrack::kernel::bpf
