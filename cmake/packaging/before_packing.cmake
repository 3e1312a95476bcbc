# CPack runs this on the installed files before it packs them. It makes the differences between the kinds of packages.
set(directory_mode DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ ${directory_mode})
# Independent of the umask of the build.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_INSTALL_DIRECTORY} ${directory_mode})
set(source ${CPACK_CONNTRACK_SOURCE_DIR}/deploy)
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB_RECURSE man_page ${root}/*/conntrack_exporter.8)
file(GLOB_RECURSE readme ${root}/*/README.md)
if(NOT man_page OR NOT readme)
  message(FATAL_ERROR "No man page or no documentation. Install python3, set CONNTRACK_RUNNABLE in a cross build, and build everything")
endif()

function(compress file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
# Moves the example in the documentation to the file for the flags of the service.
function(move_flags to)
  file(MAKE_DIRECTORY ${root}/etc/${to})
  file(RENAME ${root}/usr/share/doc/conntrack-exporter/conntrack-exporter.default ${root}/etc/${to}/conntrack-exporter)
endfunction()

if(CPACK_GENERATOR STREQUAL "TGZ")
  # The binary and the licences are at the top, as in the tarballs of Prometheus's own exporters.
  set(doc ${root}/share/doc/conntrack-exporter)
  file(RENAME ${root}/bin/conntrack_exporter ${root}/conntrack_exporter)
  file(REMOVE_RECURSE ${root}/bin)
  file(RENAME ${doc}/LICENSE ${root}/LICENSE)
  file(RENAME ${doc}/NOTICE ${root}/NOTICE)
  return()
endif()

set(doc ${root}/usr/share/doc/conntrack-exporter)
compress(${man_page})
if(CPACK_GENERATOR STREQUAL "RPM")
  move_flags(sysconfig)
elseif(CPACK_GENERATOR STREQUAL "DEB")
  move_flags(default)
  file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
  # In a Debian package, licences are in the file copyright.
  file(REMOVE ${doc}/LICENSE ${doc}/LICENSE.civetweb.md)
  file(COPY ${source}/debian/copyright DESTINATION ${doc} ${readable})
  file(COPY ${source}/debian/lintian/conntrack-exporter DESTINATION ${root}/usr/share/lintian/overrides ${readable})
  file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
  compress(${doc}/changelog)

  # Uses SOURCE_DATE_EPOCH if it is set.
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
  file(WRITE ${doc}/changelog.Debian
"conntrack-exporter (${version}) unstable; urgency=medium

  * conntrack_exporter ${CPACK_PACKAGE_VERSION}; what is new in it is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  compress(${doc}/changelog.Debian)
  file(CHMOD ${doc}/changelog.Debian.gz PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endif()
# Folders that were made here.
file(CHMOD_RECURSE ${root}/etc ${root}/usr/share ${directory_mode})
