#include "exporter/metrics/exposition.h"

namespace conntrack::exporter {

std::string FamilyRenderer::Render(const std::vector<Family>& families) {
  std::vector<std::shared_ptr<const Rendered>> rendered;
  std::size_t size = 0;
  for (const auto& family : families) {
    rendered.push_back(Get(family));
    size += rendered.back()->text.size();
  }
  std::string text;
  text.reserve(size);
  for (const auto& family : rendered) text += family->text;
  return text;
}

std::shared_ptr<const FamilyRenderer::Rendered> FamilyRenderer::Get(const Family& family) {
  std::shared_ptr<const Rendered> last;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = last_.find(family.name); found != last_.end()) last = found->second;
  }
  if (last && last->family == family) return last;
  auto rendered = std::make_shared<const Rendered>(Rendered{family, render_({family})});
  const std::lock_guard lock(mutex_);
  last_[family.name] = rendered;
  return rendered;
}

}  // namespace conntrack::exporter
