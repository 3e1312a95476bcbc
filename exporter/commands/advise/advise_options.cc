#include "exporter/commands/advise/advise_options.h"

#include "kernel/text.h"

namespace conntrack::exporter::advise {

std::string ToString(const ServicePort& service) {
  return service.protocol + "/" + std::to_string(service.port);
}

std::optional<ServicePort> ParseService(std::string_view text) {
  const auto slash = text.find('/');
  const auto protocol = text.substr(0, slash);
  if (slash == std::string_view::npos) return std::nullopt;
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") return std::nullopt;
  const auto port = kernel::ParseNumber<std::uint16_t>(text.substr(slash + 1));
  if (!port || *port == 0) return std::nullopt;
  return ServicePort{std::string(protocol), *port};
}

}  // namespace conntrack::exporter::advise
