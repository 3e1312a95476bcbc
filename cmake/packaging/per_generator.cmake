# CPack reads this before it makes a package of one kind.
if(CPACK_GENERATOR STREQUAL "TGZ")
  # The same naming as Prometheus's own exporters. Files below lib and share are for /usr/local.
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr/local)
  set(CPACK_PACKAGE_FILE_NAME conntrack_exporter-${CPACK_PACKAGE_VERSION}.linux-${CPACK_CONNTRACK_ARCHITECTURE})
else()
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr)
endif()
if(CPACK_GENERATOR STREQUAL "RPM")
  set(ENV{CONNTRACK_ENVIRONMENT_FILE} /etc/sysconfig/conntrack-exporter)
  # Uses SOURCE_DATE_EPOCH if it is set.
  string(TIMESTAMP date "%a %b %d %Y" UTC)
  set(CPACK_RPM_CHANGELOG_FILE ${CPACK_PACKAGE_DIRECTORY}/_CPack_Packages/rpm_changelog)
  file(WRITE ${CPACK_RPM_CHANGELOG_FILE}
"* ${date} ${CPACK_PACKAGE_CONTACT} - ${CPACK_PACKAGE_VERSION}-${CPACK_RPM_PACKAGE_RELEASE}
- Version ${CPACK_PACKAGE_VERSION}; what is new in it is in CHANGELOG.md.
")
else()
  set(ENV{CONNTRACK_ENVIRONMENT_FILE} /etc/default/conntrack-exporter)
endif()
