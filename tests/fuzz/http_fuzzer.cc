// What clients send: queries, headers, and addresses of the command line.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/web/accept_encoding.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/query.h"
#include "exporter/web/scrape_budget.h"

using namespace conntrack::exporter::
    web;  // NOLINT(google-build-using-namespace): a fuzz target is one function

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)WantsGzip(text);
  (void)ParseListenAddress(text);
  if (const auto decoded = PercentDecode(text); decoded && decoded->size() > size) __builtin_trap();
  (void)ParseQuery(text);
  using std::chrono::milliseconds;
  if (ScrapeBudget(text, milliseconds(10'000), milliseconds(500)) <= milliseconds(0))
    __builtin_trap();
  return 0;
}
