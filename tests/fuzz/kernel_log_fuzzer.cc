// Records of /dev/kmsg, and the lines of connection tracking in them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/log/conntrack_log_line.h"
#include "kernel/log/kmsg.h"

using namespace conntrack::
    kernel;  // NOLINT(google-build-using-namespace): a fuzz target is one function

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto record = ParseKmsgRecord(text)) {
    if (record->level > 7 || record->text.size() > size) __builtin_trap();
    (void)MatchConntrackLog(record->text);
  }
  // Nothing that merely quotes a line is one.
  if (MatchConntrackLog(text) && MatchConntrackLog("x" + std::string(text))) __builtin_trap();
  return 0;
}
