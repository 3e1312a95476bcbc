# Run by CPack on the installed files, before it packs them: what Debian's policy wants otherwise than other systems.
set(directory_mode DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# Whatever the umask of who packs it.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_INSTALL_DIRECTORY} ${directory_mode})
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(source ${CPACK_CONNTRACK_SOURCE_DIR}/deploy)
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(doc ${root}/usr/share/doc/conntrack-exporter)
set(man_page ${root}/usr/share/man/man8/conntrack_exporter.8)
if(NOT EXISTS ${man_page})
  message(FATAL_ERROR "no man page: install python3, and configure and build anew")
endif()

function(compress file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ ${directory_mode})

# The example of the folder is the conffile here; licences are in copyright.
file(MAKE_DIRECTORY ${root}/etc/default)
file(RENAME ${doc}/conntrack-exporter.default ${root}/etc/default/conntrack-exporter)
file(REMOVE ${doc}/LICENSE ${doc}/LICENSE.civetweb.md)
file(COPY ${source}/debian/copyright DESTINATION ${doc} ${readable})
file(COPY ${source}/debian/lintian/conntrack-exporter DESTINATION ${root}/usr/share/lintian/overrides ${readable})
compress(${man_page})
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
compress(${doc}/changelog)

# SOURCE_DATE_EPOCH counts, where it is set.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
file(WRITE ${doc}/changelog.Debian
"conntrack-exporter (${version}) unstable; urgency=medium

  * conntrack_exporter ${CPACK_PACKAGE_VERSION}; what is new in it is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
compress(${doc}/changelog.Debian)
file(CHMOD ${doc}/changelog.Debian.gz PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
# Those that were made here.
file(CHMOD_RECURSE ${root}/etc ${root}/usr/share ${directory_mode})
