// A server on a free port of 127.0.0.1.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "exporter/web/server/server.h"
#include "tests/exporter/web/http_client.h"

namespace conntrack::exporter::web {

/// Says back what it was asked: "METHOD|path|query".
inline HttpResponse Echo(const HttpRequest& request) {
  return PlainText(200, request.method + "|" + request.path + "|" + request.query);
}

inline ServerOptions TestOptions() {
  using namespace std::chrono_literals;
  ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.worker_threads = 4;
  options.request_timeout = 60s;  // not the one that a test is about waits in vain
  options.keep_alive_timeout = 60s;
  return options;
}

inline std::unique_ptr<Server> StartServer(Handler handler = Echo,
                                           ServerOptions options = TestOptions()) {
  auto server = Server::Start(options, std::move(handler));
  if (!server) throw std::runtime_error(server.error().message);
  return std::move(*server);
}

}  // namespace conntrack::exporter::web
