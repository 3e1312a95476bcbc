#include "tests/support/source_dir.h"

namespace conntrack::test {

const char* SourceDir() { return CONNTRACK_SOURCE_DIR; }

}  // namespace conntrack::test
