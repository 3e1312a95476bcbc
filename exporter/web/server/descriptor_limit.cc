#include "exporter/web/server/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace conntrack::exporter::web {

Result<void> AllowOpenFiles(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return {};
  const rlim_t most = limit.rlim_max;
  limit.rlim_cur = std::min<rlim_t>(wanted, most);
  if (limit.rlim_cur == wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  Error error{ErrorKind::kDenied, EMFILE,
              "so many connections may need " + std::to_string(wanted) +
                  " open files, and the limit is " + std::to_string(most),
              "lower --web.max-requests, or raise the limit (systemd: LimitNOFILE=)"};
  return Fail(std::move(error));
}

}  // namespace conntrack::exporter::web
