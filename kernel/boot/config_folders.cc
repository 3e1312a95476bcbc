#include "kernel/boot/config_folders.h"

#include <map>

namespace conntrack::kernel {

ConfigFiles ReadConfigFolders(const RootFiles& root, std::span<const std::string_view> folders,
                              std::string_view suffix) {
  ConfigFiles found;
  std::map<std::string, std::string> paths;  // by name
  for (const auto folder : folders) {
    const auto names = root.List(folder);
    if (!names) {
      if (names.error().kind != ErrorKind::kAbsent) {
        found.unreadable.push_back({std::string(folder), names.error()});
      }
      continue;
    }
    for (const auto& name : *names) {
      if (name.ends_with(suffix) && !name.starts_with('.')) {
        paths.emplace(name, std::string(folder) + "/" + name);  // unless it is there already
      }
    }
  }
  for (auto& [name, path] : paths) {
    auto text = root.Read(path);
    if (text) {
      found.files.push_back({std::move(path), std::move(*text)});
    } else {
      found.unreadable.push_back({std::move(path), text.error()});
    }
  }
  return found;
}

}  // namespace conntrack::kernel
