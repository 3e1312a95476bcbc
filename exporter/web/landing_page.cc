#include "exporter/web/landing_page.h"

#include <string_view>

namespace conntrack::exporter::web {
namespace {

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin-bottom:0}"
    "p.version{margin-top:0;opacity:.7}"
    "a{font-family:ui-monospace,monospace}";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Link(std::string_view path, std::string_view meaning) {
  const std::string target = Escaped(path);
  return "<li><a href=\"" + target + "\">" + target + "</a> " + std::string(meaning) + "</li>\n";
}

}  // namespace

HttpResponse MakeLandingPage(const LandingPage& page) {
  const std::string name = Escaped(page.name);
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += "<title>" + name + "</title>\n<style>";
  html += kStyle;
  html += "</style>\n</head>\n<body>\n<h1>" + name + "</h1>\n";
  html += "<p class=\"version\">" + Escaped(page.version) + "</p>\n";
  html += "<p>" + Escaped(page.description) + "</p>\n<ul>\n";
  html += Link(page.telemetry_path, "metrics");
  html += Link("/-/healthy", "whether this process answers");
  html += Link("/-/ready", "whether a scrape would yield metrics");
  html += "</ul>\n</body>\n</html>\n";
  return HttpResponse{200,
                      "text/html; charset=utf-8",
                      html,
                      {{"Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                        "form-action 'none'; frame-ancestors 'none'"}}};
}

}  // namespace conntrack::exporter::web
