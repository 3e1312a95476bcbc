// The place of this process as JSON: the same object in `report` and `advise`.
#pragma once

#include <nlohmann/json.hpp>

#include "diagnosis/standing.h"

namespace conntrack::exporter {

/// Unknown values are null.
[[nodiscard]] inline nlohmann::ordered_json PlaceJson(const kernel::Place& place) {
  using Json = nlohmann::ordered_json;
  const auto known = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  const auto named = [](const std::string& name) {
    return name.empty() ? Json(nullptr) : Json(name);
  };
  Json json = {{"description", DescribePlace(place)},
               {"host_network", known(place.boot_network_namespace)},
               {"user_namespace", known(place.user_namespace)},
               {"container", named(place.container_sign)},
               {"kubernetes", nullptr}};
  if (const auto& kubernetes = place.kubernetes) {
    json["kubernetes"] = {{"sign", kubernetes->sign},
                          {"pod", kubernetes->in_pod},
                          {"distribution", named(kubernetes->distribution)},
                          {"kube_proxy", KubeProxyWords(*kubernetes)},
                          {"cilium", kubernetes->cilium}};
  }
  return json;
}

}  // namespace conntrack::exporter
