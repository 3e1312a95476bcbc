// Limits on concurrent requests that one client cannot use up for all.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

/// \brief  What limits count as one client: an IPv4 address, also as "::ffff:10.0.0.1", or the /64
/// of an IPv6 address, whose owner has all the addresses in it. Other text is a key of its own.
[[nodiscard]] std::string ClientKey(std::string_view address);

/// \brief  A bounded number of permits, some of them reserved for clients that hold none.
/// Threads: any number at once.
class PerClientLimit {
 public:
  /// Returned when the last copy goes; the limit outlives it. Null: none.
  using Permit = std::shared_ptr<const void>;

  /// `reserved` of `number` are only for clients that hold none; `number` 0 is no limit.
  PerClientLimit(std::size_t number, std::size_t reserved) : number_(number), reserved_(reserved) {}

  /// Null where there is none for that client.
  [[nodiscard]] Permit TryAcquire(const std::string& client_key);

 private:
  const std::size_t number_;
  const std::size_t reserved_;
  std::mutex mutex_;  ///< Guards what follows.
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> by_client_;  ///< Only clients that hold any.
};

/// \brief  Lets so many requests through at once, to all the handlers that it guards together;
/// further ones get 503. A quarter of them is reserved for clients that have none under way.
/// Threads: any number at once.
class RequestLimit {
 public:
  /// 0: no limit but the server's threads.
  explicit RequestLimit(std::size_t most) : most_(most), permits_(most, most / 4) {}

  /// The handler behind the limit, which outlives it.
  [[nodiscard]] Handler Guard(Handler handler);

 private:
  const std::size_t most_;
  PerClientLimit permits_;
};

}  // namespace conntrack::exporter::web
