# Version once, in project(); the revision from git where there is one.
find_package(Git QUIET)
set(CONNTRACK_REVISION "unknown" CACHE STRING "Source revision shown by --version (taken from git when left at unknown)")
set(revision ${CONNTRACK_REVISION})
if(revision STREQUAL "unknown" AND GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE git_revision OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE git_failed ERROR_QUIET)
  if(NOT git_failed)
    set(revision ${git_revision})
  endif()
endif()

set(CONNTRACK_LIBRARIES "shared, those of this system")
if(CONNTRACK_STATIC)
  # Versions as Debian has them, which say what has been fixed.
  set(versions "")
  file(READ ${CMAKE_SYSROOT}/packages packages)
  foreach(pair glibc=libc6-dev libstdc++=libstdc\\+\\+-12-dev OpenSSL=libssl-dev libbpf=libbpf-dev libelf=libelf-dev zlib=zlib1g-dev
               yaml-cpp=libyaml-cpp-dev spdlog=libspdlog-dev fmt=libfmt-dev libmnl=libmnl-dev libseccomp=libseccomp-dev
               libcap=libcap-dev libxcrypt=libcrypt-dev)
    string(REGEX MATCH "^([^=]+)=(.+)$" pair ${pair})
    set(name ${CMAKE_MATCH_1})
    string(REGEX MATCH "\nPackage: ${CMAKE_MATCH_2}\n([^\n]+\n)*Version: ([^\n]+)" found "\n${packages}")
    list(APPEND versions "${name} ${CMAKE_MATCH_2}")
  endforeach()
  foreach(name prometheus-cpp civetweb)
    file(STRINGS ${PROJECT_SOURCE_DIR}/build/sources/${name}/stamp stamp REGEX "^${name} ")
    list(APPEND versions ${stamp})
  endforeach()
  list(JOIN versions ", " versions)
  set(CONNTRACK_LIBRARIES "static: ${versions}")
endif()
configure_file(${PROJECT_SOURCE_DIR}/exporter/version.h.in ${PROJECT_BINARY_DIR}/generated/exporter/version.h @ONLY)
