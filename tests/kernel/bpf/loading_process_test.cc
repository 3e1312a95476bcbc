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
  const auto loaded = LoadInChildProcess([&]() -> Result<Handles> {
    Handles handles;
    handles.push_back(OpenNull());
    handles.emplace_back(::dup(writer.get()));
    return handles;
  });
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(loaded->size(), 2U);
  EXPECT_TRUE(IsOpen(loaded->at(0).get()));
  EXPECT_TRUE(::fcntl(loaded->at(0).get(), F_GETFD) & FD_CLOEXEC);
  // Each is where it was: what is written there can be read here.
  ASSERT_EQ(::write(loaded->at(1).get(), "x", 1), 1);
  char got = 0;
  EXPECT_EQ(::read(reader.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
}

TEST(InProcessOfItsOwnTest, AnErrorComesWhole) {
  const Error error{ErrorKind::kDenied, EPERM, "loading the BPF programs: Operation not permitted",
                    "give CAP_BPF"};
  EXPECT_EQ(LoadInChildProcess([&] { return Result<Handles>(Fail(error)); }).error(), error);
}

TEST(InProcessOfItsOwnTest, AnEndlessMessageIsCutOff) {
  const auto loaded = LoadInChildProcess([]() -> Result<Handles> {
    return Fail(ErrorKind::kAbsent, std::string(5000, 'm'), std::string(5000, 'r'));
  });
  EXPECT_THAT(loaded.error().message, testing::StartsWith("mmm"));
  EXPECT_LT(loaded.error().message.size(), 1001U);
  EXPECT_LT(loaded.error().remedy.size(), 1001U);
}

TEST(InProcessOfItsOwnTest, WhatIsThrownIsAnError) {
  const auto loaded =
      LoadInChildProcess([]() -> Result<Handles> { throw std::runtime_error("out of luck"); });
  EXPECT_EQ(loaded.error().kind, ErrorKind::kIo);
  EXPECT_THAT(loaded.error().message, HasSubstr("out of luck"));
}

TEST(InProcessOfItsOwnTest, AProcessThatEndsIsAnError) {
  const auto loaded = LoadInChildProcess([]() -> Result<Handles> { ::_exit(9); });
  EXPECT_EQ(loaded.error().kind, ErrorKind::kIo);
  EXPECT_THAT(loaded.error().message, HasSubstr("ended unexpectedly"));
}

}  // namespace
}  // namespace conntrack::kernel::bpf
