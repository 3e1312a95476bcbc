#include "exporter/commands/report/heading.h"

#include <sys/utsname.h>

#include <chrono>
#include <ctime>
#include <iomanip>
#include <sstream>

namespace conntrack::exporter::report {

Heading HeadingNow() {
  utsname kernel{};
  ::uname(&kernel);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::ostringstream time;
  time << std::put_time(&utc, "%Y-%m-%dT%H:%M:%SZ");
  return {kernel.nodename, kernel.release, time.str()};
}

}  // namespace conntrack::exporter::report
