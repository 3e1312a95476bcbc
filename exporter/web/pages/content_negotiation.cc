#include "exporter/web/pages/content_negotiation.h"

#include <zlib.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <tuple>

namespace conntrack::exporter::web {
namespace {

struct Offer {
  MetricsFormat format;
  std::string_view type, subtype, version, content_type;
};

// In order of preference.
constexpr std::array<Offer, 3> kOffers{
    {{MetricsFormat::kText, "text", "plain", "0.0.4", "text/plain; version=0.0.4; charset=utf-8"},
     {MetricsFormat::kOpenMetrics, "application", "openmetrics-text", "1.0.0",
      "application/openmetrics-text; version=1.0.0; charset=utf-8"},
     {MetricsFormat::kOpenMetrics001, "application", "openmetrics-text", "0.0.1",
      "application/openmetrics-text; version=0.0.1; charset=utf-8"}}};

struct MediaRange {
  std::string_view type, subtype;
  std::optional<std::string_view> version, charset;
  double weight = 1;
};

// Weight of an offer, from the most precise range that covers it.
struct Wish {
  double weight = 0;
  int precision = 0;
};

// Versions and character sets contain no escaped characters.
std::string_view Unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// Parses "type/subtype;version=1.0.0;q=0.5". Other parameters are ignored, such as "escaping" of
// Prometheus 3, because our names need no escaping.
std::optional<MediaRange> ParseMediaRange(std::string_view element) {
  std::string_view media = TakeElement(element, ';');
  MediaRange range;
  range.type = TakeElement(media, '/');
  range.subtype = Trimmed(media);
  while (!element.empty()) {
    std::string_view parameter = TakeElement(element, ';');
    const std::string_view name = TakeElement(parameter, '=');
    const std::string_view value = Unquoted(Trimmed(parameter));
    if (SameWord(name, "version")) range.version = value;
    if (SameWord(name, "charset")) range.charset = value;
    if (SameWord(name, "q")) {
      const auto weight = ParseQuality(value);
      if (!weight) return std::nullopt;
      range.weight = *weight;
    }
  }
  return range;
}

// Returns how precisely the range names the offer; 0 if it does not cover it.
int Precision(const MediaRange& range, const Offer& offer) {
  if (range.charset && !SameWord(*range.charset, "utf-8")) return 0;
  if (range.version && *range.version != offer.version) return 0;
  if (range.type == "*") return range.subtype == "*" ? 1 : 0;
  if (!SameWord(range.type, offer.type)) return 0;
  if (range.subtype == "*") return 2;
  if (!SameWord(range.subtype, offer.subtype)) return 0;
  return range.version ? 4 : 3;
}

// Returns the weight in "q=0.5"; 0, a refusal, if it is invalid.
double WeightIn(std::string_view parameter) {
  const std::string_view name = TakeElement(parameter, '=');
  return SameWord(name, "q") ? ParseQuality(Trimmed(parameter)).value_or(0) : 0;
}

// Returns the position of the separator outside of quoted strings; the size of the text if there is
// none.
std::size_t EndOfElement(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator && !quoted) return i;
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;  // skip the escaped character
  }
  return text.size();
}

}  // namespace

MetricsFormat ChooseFormat(std::string_view accept) {
  auto format = MetricsFormat::kText;
  Wish best;
  for (const Offer& offer : kOffers) {
    Wish wish;
    for (std::string_view rest = accept; !rest.empty();) {
      const auto range = ParseMediaRange(TakeElement(rest, ','));
      const int precision = range ? Precision(*range, offer) : 0;
      if (precision > wish.precision) wish = {range->weight, precision};
    }
    if (std::tie(wish.weight, wish.precision) <= std::tie(best.weight, best.precision)) continue;
    if (wish.weight == 0) continue;
    best = wish;
    format = offer.format;
  }
  return format;
}

std::string_view ContentType(MetricsFormat format) {
  for (const auto& offer : kOffers) {
    if (offer.format == format) return offer.content_type;
  }
  return {};
}

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<double> gzip, identity, any;
  while (!accept_encoding.empty()) {
    std::string_view element = TakeElement(accept_encoding, ',');
    const std::string_view coding = TakeElement(element, ';');
    const double weight = element.empty() ? 1 : WeightIn(element);
    if (SameWord(coding, "gzip") || SameWord(coding, "x-gzip")) gzip = weight;
    if (SameWord(coding, "identity")) identity = weight;
    if (coding == "*") any = weight;
  }
  const double wish = gzip ? *gzip : any.value_or(0);
  return wish > 0 && wish >= identity.value_or(0);
}

void CompressIfAccepted(const HttpRequest& request, HttpResponse& response) {
  if (!AcceptsGzip(request.Header("Accept-Encoding").value_or(""))) return;
  response.body = Gzip(response.body);
  response.headers.push_back({"Content-Encoding", "gzip"});
}

std::string Gzip(std::string_view text) {
  constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 more selects a gzip header
  constexpr int kDefaultMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kDefaultMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> owner(&stream, &deflateEnd);
  std::string compressed(deflateBound(&stream, text.size()), '\0');
  if (compressed.size() > std::numeric_limits<uInt>::max()) throw std::bad_alloc();
  // zlib does not write through next_in; const is missing for old compilers.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  deflate(&stream, Z_FINISH);  // one call is enough: the buffer has deflateBound() bytes
  compressed.resize(compressed.size() - stream.avail_out);
  return compressed;
}

std::string_view TakeElement(std::string_view& rest, char separator) {
  const auto end = EndOfElement(rest, separator);
  const auto element = rest.substr(0, end);
  rest.remove_prefix(end == rest.size() ? end : end + 1);
  return Trimmed(element);
}

std::optional<double> ParseQuality(std::string_view text) {
  double weight = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, weight, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (!(weight >= 0 && weight <= 1)) return std::nullopt;  // this form also rejects NaN
  return weight;
}

}  // namespace conntrack::exporter::web
