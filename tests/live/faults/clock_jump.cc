// Preloaded into a program: its clock of the day is off by as many seconds as a file says, which may change at any time. No
// namespace of the kernel has a clock of the day of its own.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

/// The file is mapped before main(), so that no confinement is in the way.
const std::atomic<std::int64_t>* MappedOffset() {
  const char* const path = std::getenv("CONNTRACK_CLOCK_OFFSET");
  const int fd = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* const mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapped == MAP_FAILED) std::abort();
  return static_cast<const std::atomic<std::int64_t>*>(mapped);
}

using ClockGettime = int (*)(clockid_t, timespec*);

int Real(clockid_t clock, timespec* time) {
  static const auto real = reinterpret_cast<ClockGettime>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return real(clock, time);
}

time_t Offset() {
  static const auto* const offset = MappedOffset();
  return static_cast<time_t>(offset->load());
}

[[gnu::constructor]] void MapBeforeMain() { Offset(); }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = Real(clock, time);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += Offset();
  return result;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}
}
