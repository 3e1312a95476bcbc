#include "exporter/commands/healthcheck.h"

#include <chrono>
#include <string>

#include "exporter/web/http_get.h"
#include "exporter/web/http_url.h"

namespace conntrack::exporter {
namespace {

constexpr int kHealthy = 0;
constexpr int kNotHealthy = 1;
constexpr int kWrongCommandLine = 2;

int Complain(std::ostream& err, const std::string& what, const std::string& remedy, int code) {
  err << "conntrack_exporter healthcheck: " << what << "\n";
  if (!remedy.empty()) err << "remedy: " << remedy << "\n";
  return code;
}

std::string RemedyFor(const Error& error) {
  if (!error.remedy.empty()) return error.remedy;
  if (error.kind == ErrorKind::kTimeout) {
    return "see whether the exporter hangs (its log, its stack), or give it more time: --timeout";
  }
  return "see that the exporter runs and listens there: --web.listen-address has to be the one "
         "that it was started with, or say --url";
}

}  // namespace

int Healthcheck(const Options& options, std::ostream& out, std::ostream& err) {
  const auto& asked = options.healthcheck;
  const auto url = asked.url.empty() ? web::HealthUrlOf(options.listen_addresses.front())
                                     : web::ParseHttpUrl(asked.url);
  if (!url) return Complain(err, url.error().message, url.error().remedy, kWrongCommandLine);
  const auto time = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(asked.timeout));
  const auto status = web::HttpGetStatus(*url, std::chrono::steady_clock::now() + time);
  const auto where = web::ToString(*url);
  if (!status) {
    return Complain(err, where + ": " + status.error().message, RemedyFor(status.error()),
                    kNotHealthy);
  }
  if (*status != 200 && *status != 401) {
    return Complain(err, where + ": answered " + std::to_string(*status),
                    "see the log of the exporter, and that it is the one that listens there",
                    kNotHealthy);
  }
  out << where << ": healthy" << (*status == 401 ? ", though it wants a user (401)" : "") << "\n";
  return kHealthy;
}

}  // namespace conntrack::exporter
