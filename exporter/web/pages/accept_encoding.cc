#include "exporter/web/pages/accept_encoding.h"

#include <optional>

#include "exporter/web/pages/weighted_list.h"
#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

// The weight in "q=0.5"; anything that is none counts as a refusal.
double WeightIn(std::string_view parameter) {
  const std::string_view name = TakeElement(parameter, '=');
  return SameWord(name, "q") ? ParseWeight(Trimmed(parameter)).value_or(0) : 0;
}

}  // namespace

bool WantsGzip(std::string_view accept_encoding) {
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

}  // namespace conntrack::exporter::web
