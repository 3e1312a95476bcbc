# For CONNTRACK_STATIC: uses Debian 12's static libraries. Makes targets with the usual names for the others:
# prometheus-cpp from its source, spdlog and fmt as headers, and yaml-cpp, whose CMake file has only the shared library.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(PKG_CONFIG_ARGN --static)

set(source ${PROJECT_SOURCE_DIR}/build/sources/prometheus-cpp/core)
if(NOT EXISTS ${source})
  message(FATAL_ERROR "There is no ${source}: run scripts/fetch-sources")
endif()
file(GLOB_RECURSE sources ${source}/src/*.cc)
include(GenerateExportHeader)
add_library(prometheus_cpp STATIC ${sources})
generate_export_header(prometheus_cpp BASE_NAME prometheus-cpp-core EXPORT_FILE_NAME generated/prometheus/detail/core_export.h)
target_include_directories(prometheus_cpp SYSTEM PUBLIC ${source}/include ${PROJECT_BINARY_DIR}/generated)
target_compile_definitions(prometheus_cpp PUBLIC PROMETHEUS_CPP_CORE_STATIC_DEFINE)
target_compile_options(prometheus_cpp PRIVATE -w -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= ${CONNTRACK_HARDENING} ${CONNTRACK_SMALL})
target_compile_features(prometheus_cpp PRIVATE cxx_std_17)
target_link_libraries(prometheus_cpp PUBLIC Threads::Threads)
add_library(prometheus-cpp::core ALIAS prometheus_cpp)

add_library(spdlog::spdlog INTERFACE IMPORTED)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
target_link_libraries(spdlog::spdlog INTERFACE Threads::Threads)

find_library(CONNTRACK_YAML_CPP yaml-cpp REQUIRED)
add_library(yaml-cpp STATIC IMPORTED)
set_target_properties(yaml-cpp PROPERTIES IMPORTED_LOCATION ${CONNTRACK_YAML_CPP})
