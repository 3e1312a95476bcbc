// The section tls_server_config of the web configuration.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web {

/// \brief  Reads the section into `result`, which stays as it is where the section is empty.
/// Errors:  throws YAML::Exception with the place, as strict_yaml.h does.
void ReadTlsSection(const YAML::Node& node, std::optional<TlsConfig>& result);

}  // namespace conntrack::exporter::web
