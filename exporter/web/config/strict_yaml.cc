#include "exporter/web/config/strict_yaml.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "kernel/text.h"

namespace conntrack::exporter::web::yaml {
namespace {

// yaml-cpp tags quoted and block scalars with "!", plain ones with "?".
bool IsPlain(const YAML::Node& node) { return node.IsScalar() && node.Tag() == "?"; }

// Counts documents, regardless of content.
class DocumentStarts : public YAML::EventHandler {
 public:
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] const YAML::Mark& last() const { return last_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    last_ = mark;
    ++count_;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int count_ = 0;
  YAML::Mark last_;
};

}  // namespace

YAML::Node OnlyDocument(const std::string& text) {
  // Not YAML::LoadAll(): in a text such as ",", yaml-cpp 0.7 never stops finding documents. Load()
  // takes such a text for an empty one.
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts documents;
  while (documents.count() < 2 && parser.HandleNextDocument(documents)) {
  }
  if (documents.count() > 1) {
    throw YAML::RepresentationException(documents.last(),
                                        "there is more than one document, or text outside of it");
  }
  return YAML::Load(text);
}

std::string What(const YAML::Exception& error) {
  if (dynamic_cast<const YAML::ParserException*>(&error) == nullptr) return error.msg;
  return "not YAML: " + error.msg.substr(0, error.msg.find(':'));
}

Position Place(const YAML::Mark& mark) {
  return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

void Refuse(const YAML::Node& node, const std::string& why) {
  throw YAML::RepresentationException(node.Mark(), why);
}

void CheckMapping(const YAML::Node& node, std::string_view name,
                  std::initializer_list<std::string_view> known) {
  if (node.IsNull()) return;
  if (!node.IsMap()) Refuse(node, std::string(name) + " must be a mapping");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) Refuse(entry.first, "a key is no text");
    const std::string& key = entry.first.Scalar();
    // yaml-cpp keeps both; which one it returns is undefined.
    if (!seen.insert(key).second) Refuse(entry.first, "this key is given twice");
    if (known.size() == 0 || std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string names;
    for (const auto one : known) names.append(names.empty() ? "" : ", ").append(one);
    Refuse(entry.first, "unknown key in " + std::string(name) + "; known are: " + names);
  }
}

YAML::Node ValueOf(const YAML::Node& mapping, const std::string& key) {
  const YAML::Node value = mapping.IsMap() ? mapping[key] : YAML::Node();
  return value.IsDefined() ? value : YAML::Node();
}

std::vector<YAML::Node> Scalars(const YAML::Node& node, std::string_view name) {
  if (node.IsNull()) return {};
  if (!node.IsSequence()) Refuse(node, std::string(name) + " must be a list");
  std::vector<YAML::Node> elements(node.begin(), node.end());
  for (const auto& element : elements) {
    if (!element.IsScalar()) Refuse(element, std::string(name) + " must be a list of texts");
  }
  return elements;
}

std::string Text(const YAML::Node& node, std::string_view name) {
  if (node.IsNull()) return {};
  if (!node.IsScalar()) Refuse(node, std::string(name) + " must be a text");
  return node.Scalar();
}

bool Bool(const YAML::Node& node, std::string_view name, bool otherwise) {
  if (node.IsNull()) return otherwise;
  bool value = false;
  if (!IsPlain(node) || !YAML::convert<bool>::decode(node, value)) {
    Refuse(node, std::string(name) + " must be true or false");
  }
  return value;
}

int Integer(const YAML::Node& node, std::string_view name) {
  if (node.IsNull()) return 0;
  const auto value = kernel::ParseNumber<int>(IsPlain(node) ? node.Scalar() : "");
  if (!value) Refuse(node, std::string(name) + " must be a number");
  return *value;
}

}  // namespace conntrack::exporter::web::yaml
