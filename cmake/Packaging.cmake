# What `cmake --install` lays down, and what CPack makes of it: a Debian package and a tarball (make deb). docs/systemd.md.
set(CONNTRACK_MAINTAINER "conntrack_exporter maintainers <conntrack-exporter@users.noreply.github.com>" CACHE STRING
    "Who the Debian package says maintains it")
set(datadir ${CMAKE_INSTALL_DATADIR}/conntrack-exporter)

# The unit names the path of the binary, which is known when it is installed: cmake --install takes a prefix.
set(CONNTRACK_UNIT_FOLDER ${PROJECT_SOURCE_DIR}/deploy/systemd)
configure_file(cmake/packaging/install_units.cmake.in ${PROJECT_BINARY_DIR}/packaging/install_units.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/packaging/install_units.cmake)

# Nothing needs what is in the doc folder (images leave it out); Prometheus and Grafana may read the rest where it is.
install(FILES README.md CHANGELOG.md LICENSE deploy/systemd/conntrack-exporter.default DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md PATTERN *.png)
install(DIRECTORY deploy/prometheus DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILES_MATCHING PATTERN *.yml)
install(DIRECTORY alerts DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md PATTERN rules EXCLUDE)
install(DIRECTORY alerts DESTINATION ${datadir} FILES_MATCHING PATTERN *.yml PATTERN *.libsonnet PATTERN runbooks EXCLUDE)
if(EXISTS ${PROJECT_SOURCE_DIR}/dashboards)
  install(DIRECTORY dashboards DESTINATION ${datadir} FILES_MATCHING PATTERN *.json)
endif()

find_program(CONNTRACK_PYTHON python3 HINTS /usr/bin)
if(CMAKE_CROSSCOMPILING)
  message(STATUS "No man page: it is made of what the program says, which does not run here")
elseif(CONNTRACK_PYTHON)
  set(man_page ${PROJECT_BINARY_DIR}/packaging/conntrack_exporter.8)
  add_custom_command(
    OUTPUT ${man_page}
    COMMAND ${CONNTRACK_PYTHON} ${PROJECT_SOURCE_DIR}/cmake/packaging/make_man_page.py $<TARGET_FILE:conntrack_exporter> ${man_page}
    DEPENDS conntrack_exporter ${PROJECT_SOURCE_DIR}/cmake/packaging/make_man_page.py
    COMMENT "The man page, from the help text"
    VERBATIM)
  add_custom_target(conntrack_man_page ALL DEPENDS ${man_page})
  install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
else()
  message(STATUS "No man page: python3 is missing")
endif()

set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_PACKAGE_NAME conntrack-exporter)
set(CPACK_PACKAGE_CONTACT ${CONNTRACK_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/packaging/per_generator.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/packaging/before_packing.cmake)
set(CPACK_CONNTRACK_SOURCE_DIR ${PROJECT_SOURCE_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://github.com/conntrack-exporter/conntrack_exporter)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Serves how full the table of tracked connections is, what fills it, and why
packets are lost: entries and their limit, losses by cause, flows by protocol
and state, timeouts, memory, and settings that the next boot will change.
It reads only, runs as a user of its own with CAP_NET_ADMIN alone, and is
confined by the unit and by itself. Alert rules with runbooks are included.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Who makes the user; all else is what the binary is linked with.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "conntrack, prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
