// YAML in which nothing is guessed: the readers that the configuration is made of.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web::yaml {

/// What to do with the value of a key.
using Reader = std::function<void(const YAML::Node&)>;
using Readers = std::vector<std::pair<std::string_view, Reader>>;

/// \brief  The only document of the text; a null node where the text is empty.
///
/// All functions here throw YAML::Exception, with the place and without quoting secrets: that is
/// what yaml-cpp itself does with bad syntax, so that one handler sees both.
[[nodiscard]] YAML::Node OnlyDocument(const std::string& text);

/// The place that yaml-cpp means, counted from 1 as people do.
[[nodiscard]] Position Place(const YAML::Mark& mark);

/// Throws for the place of a node.
[[noreturn]] void Refuse(const YAML::Node& node, const std::string& why);

/// \brief  Gives each value to the reader of its key. `name` is for messages: "tls_server_config".
/// A null node, as an empty section is, has no keys.
void ReadMapping(const YAML::Node& node, std::string_view name, const Readers& readers);

/// Gives each key, a scalar, and its value to `reader`, for mappings with keys that the user chooses.
using EntryReader = std::function<void(const YAML::Node& key, const YAML::Node& value)>;
void ReadEntries(const YAML::Node& node, std::string_view name, const EntryReader& reader);

/// Gives each element of a sequence, a scalar, to `reader`.
void ReadTexts(const YAML::Node& node, std::string_view name, const Reader& reader);

/// A scalar, whatever it looks like; empty where the node is null.
[[nodiscard]] std::string Text(const YAML::Node& node, std::string_view name);

/// true or false, without quotes; `otherwise` where the node is null.
[[nodiscard]] bool Bool(const YAML::Node& node, std::string_view name, bool otherwise);

/// A decimal number without quotes; 0 where the node is null.
[[nodiscard]] int Integer(const YAML::Node& node, std::string_view name);

}  // namespace conntrack::exporter::web::yaml
