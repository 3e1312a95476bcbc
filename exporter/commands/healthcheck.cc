#include "exporter/commands/commands.h"

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "exporter/web/client/http_probe.h"

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
         "that it was started with, or set --url";
}

// The URL to report, and its status.
struct Asked {
  web::HttpUrl url;
  Result<int> status;
};

// The response of an exporter with TLS to http is not HTTP. If the scheme is unknown, try http
// first, because a failed handshake costs the exporter more than a request.
Asked Ask(web::HttpUrl url, bool either_scheme, std::chrono::steady_clock::time_point deadline) {
  auto status = web::HttpGetStatus(url, deadline);
  const bool spoke = !status && (status.error().kind == ErrorKind::kMalformed ||
                                 status.error().code == ECONNRESET);
  if (!either_scheme || !spoke) return {std::move(url), std::move(status)};
  auto secure = url;
  secure.tls = true;
  auto secure_status = web::HttpGetStatus(secure, deadline);
  // If both fail, the error of http is more useful.
  if (!secure_status && secure_status.error().kind == ErrorKind::kMalformed) {
    return {std::move(url), std::move(status)};
  }
  return {std::move(secure), std::move(secure_status)};
}

}  // namespace

int Healthcheck(const Options& options, std::ostream& out, std::ostream& err) {
  const auto& wanted = options.healthcheck;
  auto url = wanted.url.empty() ? web::HealthUrlOf(options.listen_addresses.front())
                                : web::ParseHttpUrl(wanted.url);
  if (!url) return Complain(err, url.error().message, url.error().remedy, kWrongCommandLine);
  const auto time = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(wanted.timeout));
  const auto [asked, status] =
      Ask(std::move(*url), wanted.url.empty(), std::chrono::steady_clock::now() + time);
  const auto where = web::ToString(asked);
  if (!status && status.error().kind == ErrorKind::kDenied && asked.tls) {
    out << where << ": healthy, though it wants a certificate\n";
    return kHealthy;
  }
  if (!status) {
    return Complain(err, where + ": " + status.error().message, RemedyFor(status.error()),
                    kNotHealthy);
  }
  if (*status != 200 && *status != 401) {
    return Complain(err, where + ": answered " + std::to_string(*status),
                    "see the log of the exporter, and that it is the one that listens there",
                    kNotHealthy);
  }
  out << where << ": healthy" << (*status == 401 ? " (it requires a user and password: 401)" : "")
      << "\n";
  return kHealthy;
}

}  // namespace conntrack::exporter
