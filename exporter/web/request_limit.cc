#include "exporter/web/request_limit.h"

#include <string>
#include <utility>

namespace conntrack::exporter::web {
namespace {

// Counts a request for as long as it runs.
class Running {
 public:
  explicit Running(std::atomic<int>& count) : count_(count), others_(count.fetch_add(1)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { count_.fetch_sub(1); }

  [[nodiscard]] int others() const { return others_; }

 private:
  std::atomic<int>& count_;
  const int others_;
};

}  // namespace

Handler RequestLimit::Guard(Handler handler) {
  return [this, handler = std::move(handler)](const HttpRequest& request) {
    return Admit(handler, request);
  };
}

HttpResponse RequestLimit::Admit(const Handler& handler, const HttpRequest& request) {
  const Running running(running_);
  if (most_ > 0 && running.others() >= most_) {
    return PlainText(503, "Limit of concurrent requests reached (" + std::to_string(most_) +
                              "), try again later.\n");
  }
  return handler(request);
}

}  // namespace conntrack::exporter::web
