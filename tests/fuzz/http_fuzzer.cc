// What clients send: queries, headers; and what the command line takes: addresses, networks, ports.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collectors/flows/address_classes.h"
#include "exporter/web/client/http_probe.h"
#include "exporter/web/pages/content_negotiation.h"
#include "exporter/web/pages/metrics_handler.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/server/listen_address.h"
#include "kernel/proc/sysctl.h"

using namespace conntrack::exporter::
    web;  // NOLINT(google-build-using-namespace): a fuzz target is one function

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)AcceptsGzip(text);
  if (ContentType(ChooseFormat(text)).empty()) __builtin_trap();
  (void)ParseListenAddress(text);
  // What has been read reads the same when it is written out and read again.
  if (const auto url = ParseHttpUrl(text); url && ParseHttpUrl(ToString(*url)) != url) {
    __builtin_trap();
  }
  if (const auto status = ParseStatusLine(text); status && (*status < 100 || *status > 999)) {
    __builtin_trap();
  }
  if (const auto decoded = PercentDecode(text); decoded && decoded->size() > size) __builtin_trap();
  if (const auto parameters = ParseQuery(text)) {
    const auto chosen = SelectCollectors(*parameters, {"table", "stat"});
    if (chosen && chosen->size() > 2) __builtin_trap();
  }
  if (const auto range = conntrack::kernel::ParsePortRange(text);
      range && (range->low == 0 || range->low > range->high)) {
    __builtin_trap();
  }
  if (const auto named = conntrack::ParseAddressClass(text); named && named->name.empty()) {
    __builtin_trap();
  }
  using std::chrono::milliseconds;
  if (ScrapeBudget(text, milliseconds(10'000), milliseconds(500)) <= milliseconds(0))
    __builtin_trap();
  return 0;
}
