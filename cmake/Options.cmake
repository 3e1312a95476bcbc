# Build options, all with the prefix CONNTRACK_, and the compiler flags of all targets of this project.
option(CONNTRACK_BUILD_TESTS "Build the tests and benchmarks" ON)
option(CONNTRACK_BUILD_FUZZERS "Build the fuzz targets as well (clang)" OFF)
option(CONNTRACK_STATIC "Link everything into one position-independent executable, for the presets portable-amd64 and portable-arm64" OFF)
option(CONNTRACK_WERROR "Treat warnings as errors" OFF)
option(CONNTRACK_PRECOMPILE "Precompile the headers that most files include, once for each target" OFF)
set(CONNTRACK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Objects do not contain the path of the clone, so another clone of the same commit compiles nothing again.
# CONNTRACK_CCACHE=OFF turns it off.
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
# Debian's hardening flags. Not in debug builds, because fortify needs optimisation.
set(CONNTRACK_HARDENING -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND CONNTRACK_HARDENING -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  list(APPEND CONNTRACK_HARDENING -mbranch-protection=standard)
endif()
set(CONNTRACK_SMALL -ffunction-sections -fdata-sections) # so that the linker can drop functions that are not called
if(NOT CONNTRACK_SANITIZE)
  target_compile_options(conntrack_flags INTERFACE "$<$<CONFIG:RelWithDebInfo>:${CONNTRACK_HARDENING};${CONNTRACK_SMALL}>")
endif()
if(CONNTRACK_BUILD_FUZZERS)
  # Without it, libFuzzer sees only the few lines of the target, and not the code that they call.
  target_compile_options(conntrack_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Several files of a library are compiled together (CMAKE_UNITY_BUILD), which takes a third of the time. So names in anonymous namespaces
# must differ within a library. The preset clang compiles files one by one, with precompiled headers of libraries. scripts/lint uses it to
# find missing includes of headers of this project. With a unity build, precompiled headers save no time, and ccache cannot share objects
# between clones.
function(conntrack_precompile target)
  if(CONNTRACK_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional>
                              <string> <string_view> <utility> <vector> <tl/expected.hpp> ${ARGN})
  endif()
endfunction()
