#include "exporter/status/html.h"

#include <array>

#include "exporter/process/printable_text.h"

namespace conntrack::exporter::status {
namespace {

void AppendEscaped(std::string& markup, std::string_view text) {
  static constexpr std::string_view kSpecial = "&<>\"'";
  static constexpr std::array<std::string_view, kSpecial.size()> kEscapes = {
      "&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (const char letter : PrintableText(text)) {
    if (const auto special = kSpecial.find(letter); special != std::string_view::npos) {
      markup += kEscapes[special];
    } else {
      markup += letter;
    }
  }
}

}  // namespace

Html::Html(std::string_view text) { AppendEscaped(markup_, text); }

void Html::Open(std::string_view tag, std::initializer_list<Attribute> attributes) {
  markup_.append("<").append(tag);
  for (const auto& [name, value] : attributes) {
    markup_.append(" ").append(name.text()).append("=\"");
    AppendEscaped(markup_, value);
    markup_ += '"';
  }
  markup_ += '>';
}

Html Html::Element(Literal tag, std::initializer_list<Attribute> attributes, const Html& content) {
  Html html;
  html.Open(tag.text(), attributes);
  html.markup_.append(content.markup_).append("</").append(tag.text()).append(">");
  // Rows and sections end with a newline, so that the source is readable and can be compared.
  if (tag.text() == "tr" || tag.text() == "section" || tag.text() == "li") html.markup_ += '\n';
  return html;
}

Html Html::Void(Literal tag, std::initializer_list<Attribute> attributes) {
  Html html;
  html.Open(tag.text(), attributes);
  html.markup_ += '\n';
  return html;
}

Html Html::Style(Literal sheet) {
  Html html;
  html.markup_.append("<style>").append(sheet.text()).append("</style>\n");
  return html;
}

std::string Html::Document(const Html& head, const Html& body) {
  std::string text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n";
  text.append(head.markup_).append("</head>\n<body>\n").append(body.markup_);
  return text.append("</body>\n</html>\n");
}

}  // namespace conntrack::exporter::status
