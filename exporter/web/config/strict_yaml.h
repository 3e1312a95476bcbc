// YAML in which nothing is guessed: checked values instead of conversions.
#pragma once

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web::yaml {

/// \brief  The only document of the text; a null node if the text is empty.
///
/// All functions here throw YAML::Exception with the place. Messages use What(), which quotes
/// nothing of the text: it may be any file that somebody has named, with secrets in it.
[[nodiscard]] YAML::Node OnlyDocument(const std::string& text);

/// What is wrong, without what yaml-cpp quotes: an anchor, an escape.
[[nodiscard]] std::string What(const YAML::Exception& error);

/// The place that yaml-cpp means, counted from 1 as people do.
[[nodiscard]] Position Place(const YAML::Mark& mark);

/// Throws for the place of a node.
[[noreturn]] void Refuse(const YAML::Node& node, const std::string& why);

/// Checks a mapping: each key is a scalar, stands once, and is one of `known`, unless that is
/// empty. `name` is for messages: "tls_server_config". A null node, as an empty section is, has no
/// keys.
void CheckMapping(const YAML::Node& node, std::string_view name,
                  std::initializer_list<std::string_view> known = {});

/// The value of a key; a null node where it is not there.
[[nodiscard]] YAML::Node ValueOf(const YAML::Node& mapping, const std::string& key);

/// The elements of a sequence of scalars; none where the node is null.
[[nodiscard]] std::vector<YAML::Node> Scalars(const YAML::Node& node, std::string_view name);

/// A scalar, whatever it looks like; empty where the node is null.
[[nodiscard]] std::string Text(const YAML::Node& node, std::string_view name);

/// true or false, without quotes; `otherwise` where the node is null.
[[nodiscard]] bool Bool(const YAML::Node& node, std::string_view name, bool otherwise);

/// A decimal number without quotes; 0 where the node is null.
[[nodiscard]] int Integer(const YAML::Node& node, std::string_view name);

}  // namespace conntrack::exporter::web::yaml
