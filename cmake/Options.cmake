# Build options, all prefixed, and the flags that every target of ours is compiled with.
option(CONNTRACK_BUILD_TESTS "Build the tests and benchmarks" ON)
option(CONNTRACK_BUILD_FUZZERS "Build the fuzz targets (clang)" OFF)
option(CONNTRACK_WERROR "Treat warnings as errors" OFF)
option(CONNTRACK_PRECOMPILE "Compile the headers that most files include once for each target" ON)
set(CONNTRACK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(conntrack_flags INTERFACE)
target_compile_features(conntrack_flags INTERFACE cxx_std_20)
target_include_directories(conntrack_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(conntrack_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${CONNTRACK_WERROR}>:-Werror>)
if(CONNTRACK_SANITIZE)
  target_compile_options(conntrack_flags INTERFACE -fsanitize=${CONNTRACK_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(conntrack_flags INTERFACE -fsanitize=${CONNTRACK_SANITIZE})
endif()
if(CONNTRACK_BUILD_FUZZERS)
  # Without it libFuzzer sees the few lines of the target only, and is blind for what they call.
  target_compile_options(conntrack_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# What ships goes without (CMakePresets.json): where g++ 12 optimises, it warns wrongly of standard headers that were compiled before.
# Several files of a library are compiled together as well (CMAKE_UNITY_BUILD), which takes a third of the time: names in anonymous
# namespaces must differ within a library. The preset clang takes them one by one: scripts/lint finds what of ours one forgets to include.
function(conntrack_precompile target)
  if(CONNTRACK_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional>
                              <string> <string_view> <utility> <vector> <tl/expected.hpp> ${ARGN})
  endif()
endfunction()
