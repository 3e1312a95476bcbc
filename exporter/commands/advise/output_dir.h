// Where files for review are written.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernel/result.h"

namespace conntrack::exporter::advise {

struct NamedText {
  std::string name;
  std::string text;
};

/// \brief  Why files for review may not be written to `folder`, or nothing.
///
/// Folders of the running system are refused, however they are spelled: by a link, a relative path,
/// or below the root that the host is mounted at. A person reviews files before they take effect.
[[nodiscard]] std::optional<Error> WhyRefused(const std::filesystem::path& folder,
                                              const std::filesystem::path& host_root);

/// \brief  Writes the files into `folder`, which is made where it is missing.
/// Errors:  kHeldBack where one of them is there and `replace` is not set: then none is written.
///          Others as the file system has them; files that were written before stay.
/// A file that is there is replaced as a whole, by a rename: a link is not followed.
[[nodiscard]] Result<void> WriteFiles(const std::filesystem::path& folder,
                                      const std::vector<NamedText>& files, bool replace);

}  // namespace conntrack::exporter::advise
