// Where the fixtures, the golden files and the documentation are.
#pragma once

namespace conntrack::test {

/// The folder of this checkout.
[[nodiscard]] const char* SourceDir();

}  // namespace conntrack::test
