// HTML with all text escaped.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace conntrack::exporter::status {

/// A string literal in the source code. Nothing else compiles as the name of a tag or attribute.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct Attribute {
  Literal name;
  std::string value;
};

/// \brief  A fragment of a page: well-formed, with all text escaped.
///
/// A string always becomes escaped text, in elements and in quoted attributes. Only Element() and
/// its siblings create markup, from names that are literals. Text is made printable first (see
/// printable_text.h).
class Html {
 public:
  Html() = default;
  // Implicit, because most of a page is text.
  Html(std::string_view text);
  Html(const std::string& text) : Html(std::string_view(text)) {}
  Html(const char* text) : Html(std::string_view(text)) {}

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  friend Html operator+(Html first, const Html& second) { return std::move(first += second); }

  [[nodiscard]] bool empty() const { return markup_.empty(); }
  [[nodiscard]] const std::string& markup() const { return markup_; }

  /// <tag name="value">content</tag>
  [[nodiscard]] static Html Element(Literal tag, std::initializer_list<Attribute> attributes,
                                    const Html& content);
  /// An element without an end tag: <meta>, <link>.
  [[nodiscard]] static Html Void(Literal tag, std::initializer_list<Attribute> attributes);
  /// A style sheet from the source code, not escaped.
  [[nodiscard]] static Html Style(Literal sheet);
  /// A whole document.
  [[nodiscard]] static std::string Document(const Html& head, const Html& body);

 private:
  void Open(std::string_view tag, std::initializer_list<Attribute> attributes);

  std::string markup_;
};

[[nodiscard]] inline Html Element(Literal tag, std::initializer_list<Attribute> attributes,
                                  const Html& content) {
  return Html::Element(tag, attributes, content);
}
[[nodiscard]] inline Html Element(Literal tag, const Html& content) {
  return Html::Element(tag, {}, content);
}

}  // namespace conntrack::exporter::status
