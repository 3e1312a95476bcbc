# Read by CPack before it makes a package of one kind.
if(CPACK_GENERATOR STREQUAL "TGZ")
  # Named as Prometheus's own exporters name theirs. What is below lib and share is for /usr/local.
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr/local)
  set(CPACK_PACKAGE_FILE_NAME conntrack_exporter-${CPACK_PACKAGE_VERSION}.linux-${CPACK_CONNTRACK_ARCHITECTURE})
else()
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr)
endif()
if(CPACK_GENERATOR STREQUAL "RPM")
  set(ENV{CONNTRACK_ENVIRONMENT_FILE} /etc/sysconfig/conntrack-exporter)
else()
  set(ENV{CONNTRACK_ENVIRONMENT_FILE} /etc/default/conntrack-exporter)
endif()
