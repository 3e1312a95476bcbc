#include "exporter/web/server/http_message.h"

#include <algorithm>
#include <utility>

namespace conntrack::exporter::web {
namespace {

// Not std::tolower: that one follows the locale.
char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> HttpRequest::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (SameWord(header.name, name)) return header.value;
  }
  return std::nullopt;
}

HttpResponse PlainText(int status, std::string body) {
  return HttpResponse{status, "text/plain; charset=utf-8", std::move(body), {}};
}

HttpResponse TryAgainLater(std::string body) {
  auto response = PlainText(503, std::move(body));
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace conntrack::exporter::web
