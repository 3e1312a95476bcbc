# The HTTP server library, as target conntrack_civetweb.
#
# Debian's libcivetweb-dev has CGI, WebDAV, WebSockets and files, but no IPv6, and loads OpenSSL at run time by a name that
# OpenSSL 3 does not have. So the exporter builds CivetWeb from Debian's source package: docs/civetweb.md.
set(CONNTRACK_CIVETWEB "auto" CACHE STRING
    "CivetWeb to use: source (of scripts/fetch-sources, with IPv6), system (libcivetweb-dev), or auto (source if it is there)")
set_property(CACHE CONNTRACK_CIVETWEB PROPERTY STRINGS auto source system)

set(civetweb_root ${PROJECT_SOURCE_DIR}/build/sources/civetweb) # the same for all presets
set(CONNTRACK_CIVETWEB_USED ${CONNTRACK_CIVETWEB})
if(CONNTRACK_CIVETWEB STREQUAL "auto")
  if(EXISTS ${civetweb_root}/stamp)
    set(CONNTRACK_CIVETWEB_USED "source")
  else()
    set(CONNTRACK_CIVETWEB_USED "system")
    message(WARNING "Using the distribution's CivetWeb, without IPv6: scripts/fetch-sources was not run, or failed")
  endif()
endif()

if(CONNTRACK_CIVETWEB_USED STREQUAL "source")
  if(NOT EXISTS ${civetweb_root}/stamp)
    message(FATAL_ERROR "CONNTRACK_CIVETWEB=source, but there is no ${civetweb_root}: run scripts/fetch-sources")
  endif()
  file(STRINGS ${civetweb_root}/stamp stamp REGEX "^civetweb ")
  message(STATUS "CivetWeb from source: ${stamp}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${civetweb_root}/stamp)
  if(NOT DEFINED CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
  enable_language(C)
  add_library(conntrack_civetweb STATIC ${civetweb_root}/src/civetweb.c)
  target_include_directories(conntrack_civetweb SYSTEM
    PUBLIC ${civetweb_root}/include
    PRIVATE ${PROJECT_SOURCE_DIR}/patches/civetweb)
  target_compile_definitions(conntrack_civetweb PRIVATE
    USE_IPV6
    # The handler of the exporter answers every request. CivetWeb opens no files and runs no programs.
    NO_CGI NO_FILES NO_FILESYSTEMS NO_CACHING
    # Milliseconds until a thread in poll(2) sees that the server stops, if its sockets are inherited.
    SOCKET_TIMEOUT_QUANTUM=500
    MG_EXTERNAL_FUNCTION_log_access MG_EXTERNAL_FUNCTION_mg_cry_internal_impl
    # Link with OpenSSL, instead of loading it.
    NO_SSL_DL OPENSSL_API_3_0)
  target_compile_definitions(conntrack_civetweb INTERFACE CONNTRACK_CIVETWEB_TAKES_SOCKETS) # inherited-sockets.patch
  target_compile_options(conntrack_civetweb PRIVATE -O2 -g -w -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
  if(CONNTRACK_SANITIZE MATCHES "address")
    # Only AddressSanitizer. Findings of the other sanitizers in this C code would not be fixed here.
    target_compile_options(conntrack_civetweb PRIVATE -fsanitize=address -fno-omit-frame-pointer)
  else()
    target_compile_options(conntrack_civetweb PRIVATE ${CONNTRACK_HARDENING})
  endif()
  if(NOT CONNTRACK_SANITIZE)
    # Drops functions of CivetWeb that are not called, such as the parser of forms and the client.
    target_compile_options(conntrack_civetweb PRIVATE ${CONNTRACK_SMALL})
    target_link_options(conntrack_civetweb INTERFACE -Wl,--gc-sections)
  endif()
  target_link_libraries(conntrack_civetweb PRIVATE OpenSSL::SSL Threads::Threads)
  if(NOT CONNTRACK_STATIC) # its NOTICE has the licence
    install(FILES ${civetweb_root}/LICENSE.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.civetweb.md)
  endif()
elseif(CONNTRACK_CIVETWEB_USED STREQUAL "system")
  find_package(civetweb REQUIRED) # libcivetweb-dev
  add_library(conntrack_civetweb INTERFACE)
  target_link_libraries(conntrack_civetweb INTERFACE civetweb::civetweb)
else()
  message(FATAL_ERROR "CONNTRACK_CIVETWEB is ${CONNTRACK_CIVETWEB}; set it to auto, source or system")
endif()
