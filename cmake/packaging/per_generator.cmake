# Read by CPack before it makes a package of one kind.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr)
else()
  # Unpacked with: tar --strip-components=1 --no-same-owner -C /usr/local -xzf conntrack-exporter-*.tar.gz
  set(ENV{CONNTRACK_FINAL_PREFIX} /usr/local)
  execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE architecture OUTPUT_STRIP_TRAILING_WHITESPACE
                  RESULT_VARIABLE failed ERROR_QUIET)
  if(failed)
    set(architecture ${CMAKE_HOST_SYSTEM_PROCESSOR})
  endif()
  set(CPACK_PACKAGE_FILE_NAME ${CPACK_PACKAGE_NAME}-${CPACK_PACKAGE_VERSION}-linux-${architecture})
endif()
