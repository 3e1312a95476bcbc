#include "exporter/web/pages/collector_selection.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "exporter/web/server/printable.h"

namespace conntrack::exporter::web {
namespace {

using Names = std::vector<std::string>;

bool Contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Names Values(const std::vector<QueryParameter>& parameters, std::string_view name) {
  Names values;
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == name) values.push_back(parameter.value);
  }
  return values;
}

std::string Unavailable(const std::string& name, const Names& available) {
  std::string text = "Collector \"" + Printable(name) + "\" is unknown or switched off. On are:";
  for (const std::string& other : available) text.append(" ").append(other);
  return text.append(available.empty() ? " none.\n" : ".\n");
}

}  // namespace

tl::expected<Names, std::string> SelectCollectors(const std::vector<QueryParameter>& parameters,
                                                  const Names& available) {
  const Names collect = Values(parameters, "collect[]");
  const Names exclude = Values(parameters, "exclude[]");
  if (!collect.empty() && !exclude.empty()) {
    return tl::unexpected(std::string("Use either collect[] or exclude[], not both.\n"));
  }
  for (const Names& wanted : {collect, exclude}) {
    for (const std::string& name : wanted) {
      if (!Contains(available, name)) return tl::unexpected(Unavailable(name, available));
    }
  }
  Names selected;
  std::copy_if(available.begin(), available.end(), std::back_inserter(selected),
               [&](const std::string& name) {
                 return collect.empty() ? !Contains(exclude, name) : Contains(collect, name);
               });
  return selected;
}

}  // namespace conntrack::exporter::web
