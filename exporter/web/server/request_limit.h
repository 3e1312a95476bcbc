// Limits on concurrent requests that no single client can exhaust.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

/// \brief  Returns what limits count as one client: an IPv4 address, also as "::ffff:10.0.0.1", or
/// the /64 of an IPv6 address, because its owner has all addresses in it. Other text is returned
/// unchanged.
[[nodiscard]] std::string ClientKey(std::string_view address);

/// \brief  A bounded number of permits, some of them reserved for clients that hold none.
/// Threads: any number of threads.
class PerClientLimit {
 public:
  /// Released with its last copy. The limit must outlive it. Null: no permit.
  using Permit = std::shared_ptr<const void>;

  /// `reserved` of `number` are only for clients that hold none; `number` 0: no limit.
  PerClientLimit(std::size_t number, std::size_t reserved) : number_(number), reserved_(reserved) {}

  /// Returns null if no permit is available for that client.
  [[nodiscard]] Permit TryAcquire(const std::string& client_key);

 private:
  const std::size_t number_;
  const std::size_t reserved_;
  std::mutex mutex_;  ///< Guards the members below.
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> by_client_;  ///< Only clients that hold any.
};

/// \brief  Limits the number of concurrent requests, over all handlers that it guards; further
/// requests get 503. A quarter is reserved for clients without a running request.
/// Threads: any number of threads.
class RequestLimit {
 public:
  /// 0: limited only by the server's threads.
  explicit RequestLimit(std::size_t most) : most_(most), permits_(most, most / 4) {}

  /// Returns the handler with the limit applied. The limit must outlive it.
  [[nodiscard]] Handler Guard(Handler handler);

 private:
  const std::size_t most_;
  PerClientLimit permits_;
};

}  // namespace conntrack::exporter::web
