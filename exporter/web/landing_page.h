// The page at "/".
#pragma once

#include <string>

#include "exporter/web/http_message.h"

namespace conntrack::exporter::web {

struct LandingPage {
  std::string name;
  std::string version;
  std::string description;
  std::string telemetry_path;
};

/// \brief  A page that says what this is and links to what there is.
///
/// Plain HTML, light or dark as the reader has it, without scripts or anything from elsewhere; its
/// content security policy holds it to that. All texts are escaped.
[[nodiscard]] HttpResponse MakeLandingPage(const LandingPage& page);

}  // namespace conntrack::exporter::web
