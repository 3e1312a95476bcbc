# Build options, all prefixed, and the flags that every target of ours is compiled with.
option(CONNTRACK_BUILD_TESTS "Build the tests and benchmarks" ON)
option(CONNTRACK_BUILD_FUZZERS "Build the fuzz targets as well (clang)" OFF)
option(CONNTRACK_STATIC "Link everything into one position-independent executable, for the presets portable-amd64 and portable-arm64" OFF)
option(CONNTRACK_WERROR "Treat warnings as errors" OFF)
option(CONNTRACK_PRECOMPILE "Compile the headers that most files include once for each target" OFF)
set(CONNTRACK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Another clone of the same commit compiles nothing again: no object has the path of the clone in it. CONNTRACK_CCACHE=OFF: without.
find_program(CONNTRACK_CCACHE ccache)
if(CONNTRACK_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CONNTRACK_CCACHE})
endif()

add_library(conntrack_flags INTERFACE)
target_compile_features(conntrack_flags INTERFACE cxx_std_20)
target_include_directories(conntrack_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(conntrack_flags INTERFACE
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${CONNTRACK_WERROR}>:-Werror>)
if(CONNTRACK_SANITIZE)
  target_compile_options(conntrack_flags INTERFACE -fsanitize=${CONNTRACK_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(conntrack_flags INTERFACE -fsanitize=${CONNTRACK_SANITIZE})
endif()
# Debian's hardening flags. Not in debug builds, since fortify needs optimisation.
set(CONNTRACK_HARDENING -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND CONNTRACK_HARDENING -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  list(APPEND CONNTRACK_HARDENING -mbranch-protection=standard)
endif()
set(CONNTRACK_SMALL -ffunction-sections -fdata-sections) # so that the linker can drop what is not called
if(NOT CONNTRACK_SANITIZE)
  target_compile_options(conntrack_flags INTERFACE "$<$<CONFIG:RelWithDebInfo>:${CONNTRACK_HARDENING};${CONNTRACK_SMALL}>")
endif()
if(CONNTRACK_BUILD_FUZZERS)
  # Without it libFuzzer sees the few lines of the target only, and is blind for what they call.
  target_compile_options(conntrack_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Several files of a library are compiled together (CMAKE_UNITY_BUILD), which takes a third of the time: names in anonymous namespaces
# must differ within a library. The preset clang takes them one by one, and precompiles headers: scripts/lint finds what of ours a file
# forgets to include. Beside a unity build that saves nothing, and ccache finds no object whose precompiled header is another clone's.
function(conntrack_precompile target)
  if(CONNTRACK_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional>
                              <string> <string_view> <utility> <vector> <tl/expected.hpp> ${ARGN})
  endif()
endfunction()
