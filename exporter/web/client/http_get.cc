#include "exporter/web/client/http_get.h"

#include <array>
#include <string>

#include "exporter/web/client/client_stream.h"
#include "exporter/web/client/status_line.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/printable.h"

namespace conntrack::exporter::web {
namespace {

// No server sends a status line as long.
constexpr std::size_t kMaxStatusLine = 1024;

// What arrives up to the first line break, without it; or up to the end or the bound.
Result<std::string> ReceiveLine(ClientStream& stream, Deadline deadline) {
  std::string line;
  while (line.size() < kMaxStatusLine) {
    std::array<char, kMaxStatusLine> buffer{};
    const auto received = stream.Receive(buffer, deadline);
    if (!received) return Fail(received.error());
    if (*received == 0) break;
    line.append(buffer.data(), *received);
    if (const auto end = line.find("\r\n"); end != std::string::npos) return line.substr(0, end);
  }
  return line;
}

}  // namespace

Result<int> HttpGetStatus(const HttpUrl& url, Deadline deadline) {
  const auto stream = OpenStream(url, deadline);
  if (!stream) return Fail(stream.error());
  const auto request = "GET " + url.target +
                       " HTTP/1.1\r\nHost: " + FormatAddress(url.host, url.port, url.ipv6) +
                       "\r\nUser-Agent: conntrack_exporter\r\nConnection: close\r\n\r\n";
  const auto asked = (*stream)->Send(request, deadline);
  if (!asked) return Fail(asked.error());
  const auto line = ReceiveLine(**stream, deadline);
  if (!line) return Fail(line.error());
  const auto status = ParseStatusLine(*line);
  if (status) return *status;
  return Fail(ErrorKind::kMalformed,
              line->empty() ? "the connection was closed without an answer"
                            : "not HTTP: \"" + Printable(*line) + "\"",
              "see what listens there: another program, or an exporter that speaks TLS (https://)");
}

}  // namespace conntrack::exporter::web
