# Libraries of the distribution; CMake downloads nothing. The comments have the names of Debian 12's packages.
if(CONNTRACK_STATIC)
  include(StaticLibraries)
else()
  find_package(prometheus-cpp REQUIRED COMPONENTS core) # prometheus-cpp-dev: text format (ships no version file)
  find_package(spdlog REQUIRED)                         # libspdlog-dev: log sinks
  find_package(yaml-cpp REQUIRED)                       # libyaml-cpp-dev: --web.config.file
endif()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(CLI11 REQUIRED)                           # libcli11-dev: command line
find_package(nlohmann_json REQUIRED)                   # nlohmann-json3-dev: JSON logs
find_package(OpenSSL 3.0 REQUIRED)                     # libssl-dev: TLS
find_package(tl-expected REQUIRED)                     # libexpected-dev: value or error
find_package(ZLIB REQUIRED)                            # zlib1g-dev: gzip
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)        # libxxhash-dev: hashes of addresses; header only
pkg_check_modules(CAP REQUIRED IMPORTED_TARGET libcap) # libcap-dev: capabilities
pkg_check_modules(CRYPT REQUIRED IMPORTED_TARGET libxcrypt) # libcrypt-dev: bcrypt
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl) # libmnl-dev: netlink
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp) # libseccomp-dev: filter of system calls

if(CONNTRACK_BUILD_TESTS)
  find_package(GTest REQUIRED)                         # libgtest-dev, libgmock-dev
  # Tests compare the exporter's parser with this library, and use it to add flows to a table.
  pkg_check_modules(NFCT REQUIRED IMPORTED_TARGET libnetfilter_conntrack)
endif()
