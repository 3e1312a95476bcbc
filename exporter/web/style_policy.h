// A content security policy for pages that have one style sheet and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  The value of Content-Security-Policy that allows a page this style sheet, the very text
/// between <style> and </style>, and an icon in a data: address: no script, no other style, not
/// even in an attribute, no form, no frame around it, nothing from anywhere.
/// Errors:  throws std::runtime_error where OpenSSL has no SHA-256.
[[nodiscard]] std::string StylePolicy(std::string_view style);

}  // namespace conntrack::exporter::web
