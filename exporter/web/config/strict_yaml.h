// Strict YAML: values are checked, not converted.
#pragma once

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web::yaml {

/// \brief  Returns the only document of the text; a null node if the text is empty.
///
/// All functions here throw YAML::Exception with the position. Messages use What(), which quotes no
/// content: the text may be any file, with secrets in it.
[[nodiscard]] YAML::Node OnlyDocument(const std::string& text);

/// Returns the reason, without content quoted by yaml-cpp, such as an anchor or an escape.
[[nodiscard]] std::string What(const YAML::Exception& error);

/// Converts a position of yaml-cpp; the result counts from 1.
[[nodiscard]] Position Place(const YAML::Mark& mark);

/// Throws for the position of a node.
[[noreturn]] void Refuse(const YAML::Node& node, const std::string& why);

/// Checks a mapping: each key must be a scalar, occur once, and be one of `known`, unless that is
/// empty. `name` is for messages: "tls_server_config". A null node, such as an empty section, has
/// no keys.
void CheckMapping(const YAML::Node& node, std::string_view name,
                  std::initializer_list<std::string_view> known = {});

/// Returns the value of a key; a null node if it is missing.
[[nodiscard]] YAML::Node ValueOf(const YAML::Node& mapping, const std::string& key);

/// Returns the elements of a sequence of scalars; none if the node is null.
[[nodiscard]] std::vector<YAML::Node> Scalars(const YAML::Node& node, std::string_view name);

/// Returns a scalar as text, whatever its type; empty if the node is null.
[[nodiscard]] std::string Text(const YAML::Node& node, std::string_view name);

/// Returns true or false, which must not be quoted; `otherwise` if the node is null.
[[nodiscard]] bool Bool(const YAML::Node& node, std::string_view name, bool otherwise);

/// Returns a decimal number, which must not be quoted; 0 if the node is null.
[[nodiscard]] int Integer(const YAML::Node& node, std::string_view name);

}  // namespace conntrack::exporter::web::yaml
