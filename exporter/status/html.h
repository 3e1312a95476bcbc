// HTML that cannot be broken out of.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace conntrack::exporter::status {

/// Text that stands in the source code: the compiler takes nothing else for the name of a tag or
/// an attribute.
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

/// \brief  A piece of a page: well-formed, and with every text in it escaped.
///
/// There is no way from a string to markup: a string becomes text, of which nothing is left that
/// HTML gives a meaning to, within elements and within quoted attributes; markup is made by
/// Element(), of names that are literals. Control characters, which HTML does not allow, become
/// U+FFFD; bytes that are not UTF-8 are left to the browser, which does the same.
class Html {
 public:
  Html() = default;
  // Not explicit: text is what most of a page is.
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
  /// An element that has no end: <meta>, <link>.
  [[nodiscard]] static Html Void(Literal tag, std::initializer_list<Attribute> attributes);
  /// A style sheet from the source code, in which nothing is escaped.
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
