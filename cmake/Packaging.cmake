# The files that `cmake --install` installs, and the packages that CPack makes of them: a Debian package (make deb), or a tarball and an RPM
# with the static binary (make portable-packages). docs/systemd.md.
set(CONNTRACK_MAINTAINER "conntrack_exporter maintainers <conntrack-exporter@users.noreply.github.com>" CACHE STRING
    "Maintainer of the Debian package")
set(datadir ${CMAKE_INSTALL_DATADIR}/conntrack-exporter)

# The unit has the path of the binary, which depends on the prefix of cmake --install.
set(CONNTRACK_UNIT_FOLDER ${PROJECT_SOURCE_DIR}/deploy/systemd)
configure_file(cmake/packaging/install_units.cmake.in ${PROJECT_BINARY_DIR}/packaging/install_units.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/packaging/install_units.cmake)

# The doc folder is optional: images leave it out. Prometheus and Grafana can read the other files in place.
install(FILES CHANGELOG.md LICENSE deploy/systemd/conntrack-exporter.default DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY alerts DESTINATION ${datadir} FILES_MATCHING PATTERN *.yml PATTERN *.libsonnet PATTERN runbooks EXCLUDE)
file(GLOB dashboards CONFIGURE_DEPENDS dashboards/*.json)
install(FILES ${dashboards} DESTINATION ${datadir}/dashboards)

find_program(CONNTRACK_PYTHON python3 HINTS /usr/bin)
set(CONNTRACK_RUNNABLE "" CACHE FILEPATH "For a cross build: the exporter of the same sources, built for this host, to make man page and completions")
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_SYSTEM_PROCESSOR STREQUAL CMAKE_HOST_SYSTEM_PROCESSOR)
  set(runnable $<TARGET_FILE:conntrack_exporter>)
else()
  set(runnable ${CONNTRACK_RUNNABLE})
endif()
set(made ${PROJECT_BINARY_DIR}/packaging)
set(scripts ${PROJECT_SOURCE_DIR}/cmake/packaging)
set(products "")
if(CONNTRACK_PYTHON)
  # The build context of the image has no documentation.
  if(EXISTS ${PROJECT_SOURCE_DIR}/README.md)
    file(GLOB_RECURSE documentation CONFIGURE_DEPENDS docs/* alerts/*.md deploy/prometheus/*)
    add_custom_command(
      OUTPUT ${made}/documentation/README.md
      COMMAND ${CONNTRACK_PYTHON} ${scripts}/make_documentation.py ${PROJECT_SOURCE_DIR} ${made}/documentation ${PROJECT_VERSION}
      DEPENDS ${scripts}/make_documentation.py README.md ${documentation}
      COMMENT "Making the documentation, with links to the installed files"
      VERBATIM)
    list(APPEND products ${made}/documentation/README.md)
    install(DIRECTORY ${made}/documentation/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
  endif()
  if(runnable)
    set(man_page ${made}/conntrack_exporter.8)
    add_custom_command(
      OUTPUT ${man_page}
      COMMAND ${CONNTRACK_PYTHON} ${scripts}/make_man_page.py ${runnable} ${man_page}
      DEPENDS conntrack_exporter ${CONNTRACK_RUNNABLE} ${scripts}/make_man_page.py
      COMMENT "Making the man page from the help text"
      VERBATIM)
    list(APPEND products ${man_page})
    install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
    set(completions ${made}/completions)
    add_custom_command(
      OUTPUT ${completions}/conntrack_exporter.bash ${completions}/_conntrack_exporter ${completions}/conntrack_exporter.fish
      COMMAND ${CONNTRACK_PYTHON} ${scripts}/make_completions.py ${runnable} ${completions}
      DEPENDS conntrack_exporter ${CONNTRACK_RUNNABLE} ${scripts}/make_completions.py ${scripts}/make_man_page.py
      COMMENT "Making completions for bash, zsh and fish from the help text"
      VERBATIM)
    list(APPEND products ${completions}/conntrack_exporter.bash)
    install(FILES ${completions}/conntrack_exporter.bash DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions
            RENAME conntrack_exporter)
    install(FILES ${completions}/_conntrack_exporter DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions)
    install(FILES ${completions}/conntrack_exporter.fish DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
  else()
    message(STATUS "No man page and no completions: this host cannot run the program. Set CONNTRACK_RUNNABLE to one that it can run")
  endif()
  if(CONNTRACK_STATIC)
    set(portable ${PROJECT_SOURCE_DIR}/deploy/portable)
    add_custom_command(
      OUTPUT ${made}/NOTICE
      COMMAND ${CONNTRACK_PYTHON} ${portable}/notice.py --build ${PROJECT_BINARY_DIR} > ${made}/NOTICE
      DEPENDS conntrack_exporter ${portable}/notice.py ${portable}/sbom.py ${portable}/debian_package.py
      COMMENT "Collecting the licences of the linked libraries"
      VERBATIM)
    list(APPEND products ${made}/NOTICE)
    install(FILES ${made}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
  endif()
  add_custom_target(conntrack_packaging ALL DEPENDS ${products})
else()
  message(STATUS "No man page, completions and documentation: python3 is missing")
endif()

if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(architecture amd64)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(architecture arm64)
else()
  set(architecture ${CMAKE_SYSTEM_PROCESSOR})
endif()
set(CPACK_CONNTRACK_ARCHITECTURE ${architecture})

# The Debian package uses Debian's shared libraries. Tarball and RPM have the static binary.
if(CONNTRACK_STATIC)
  set(CPACK_GENERATOR "TGZ;RPM")
else()
  set(CPACK_GENERATOR "DEB")
endif()
set(CPACK_PACKAGE_NAME conntrack-exporter)
set(CPACK_PACKAGE_CONTACT ${CONNTRACK_MAINTAINER})
set(CPACK_PACKAGE_VENDOR "conntrack_exporter maintainers")
set(CPACK_PACKAGE_RELOCATABLE OFF)
set(CPACK_PACKAGE_HOMEPAGE_URL https://github.com/conntrack-exporter/conntrack_exporter)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(description
"Shows how full the connection tracking table is, which flows fill it, and why
packets are lost: entries and their limit, losses by cause, flows by protocol
and state, timeouts, memory, and settings that the next boot will change.
It never changes the table. It runs as a user of its own with CAP_NET_ADMIN
only, confined by the unit and by itself. Alert rules and runbooks are
included.")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${scripts}/per_generator.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${scripts}/before_packing.cmake)
set(CPACK_CONNTRACK_SOURCE_DIR ${PROJECT_SOURCE_DIR})

set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${architecture})
# The package for a later Debian has a higher version.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
cmake_host_system_information(RESULT host QUERY DISTRIB_INFO)
if(CMAKE_SYSROOT)
  set(host_ID debian)
  file(STRINGS ${CMAKE_SYSROOT}/release host_VERSION_ID)
endif()
if(host_ID STREQUAL "debian" AND host_VERSION_ID)
  set(CPACK_DEBIAN_PACKAGE_RELEASE 1~deb${host_VERSION_ID})
endif()
# GitHub replaces ~ in the names of release files.
string(REPLACE "~" "." CPACK_DEBIAN_FILE_NAME
       ${CPACK_PACKAGE_NAME}_${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}_${architecture}.deb)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION ${description})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Creates the user. The other dependencies are the libraries of the binary.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "conntrack, prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
# The licence of the binary: OpenSSL's licence is compatible with GPL 3 only.
set(CPACK_RPM_PACKAGE_LICENSE "GPL-3.0-or-later")
set(CPACK_RPM_PACKAGE_DESCRIPTION ${description})
set(CPACK_RPM_PACKAGE_AUTOREQ OFF) # static
foreach(when "" _POST _PREUN _POSTUN)
  set(CPACK_RPM_PACKAGE_REQUIRES${when} systemd)
endforeach()
set(CPACK_RPM_COMPRESSION_TYPE xz)
set(rpm ${PROJECT_SOURCE_DIR}/deploy/rpm)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${rpm}/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${rpm}/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${rpm}/postun)
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/sysconfig/conntrack-exporter"
    "%license /usr/share/doc/conntrack-exporter/LICENSE" "%license /usr/share/doc/conntrack-exporter/NOTICE")
# Folders that belong to other packages.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /etc/sysconfig /usr/lib/sysusers.d /usr/lib/systemd /usr/lib/systemd/system /usr/share/man /usr/share/man/man8
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/fish /usr/share/fish/vendor_completions.d
    /usr/share/zsh /usr/share/zsh/site-functions)
# For reproducible packages: no build host, no build time, and no post-processing by this machine's rpm. The binary is stripped already.
set(CPACK_RPM_SPEC_MORE_DEFINE
"%define __os_install_post %{nil}
%define debug_package %{nil}
%define _build_id_links none
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1")
include(CPack)
