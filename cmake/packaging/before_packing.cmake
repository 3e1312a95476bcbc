# Run by CPack on the installed files before it packs them, for what one kind of package wants otherwise than the others.
set(directory_mode DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ ${directory_mode})
# Whatever the umask of who packs it.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_INSTALL_DIRECTORY} ${directory_mode})
set(source ${CPACK_CONNTRACK_SOURCE_DIR}/deploy)
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB_RECURSE man_page ${root}/*/conntrack_exporter.8)
file(GLOB_RECURSE readme ${root}/*/README.md)
if(NOT man_page OR NOT readme)
  message(FATAL_ERROR "no man page or no documentation: install python3, set CONNTRACK_RUNNABLE in a cross build, and build everything")
endif()

function(compress file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
# The example in the documentation becomes the file for the service's flags.
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
  # Licences are in copyright here.
  file(REMOVE ${doc}/LICENSE ${doc}/LICENSE.civetweb.md)
  file(COPY ${source}/debian/copyright DESTINATION ${doc} ${readable})
  file(COPY ${source}/debian/lintian/conntrack-exporter DESTINATION ${root}/usr/share/lintian/overrides ${readable})
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
endif()
# Those that were made here.
file(CHMOD_RECURSE ${root}/etc ${root}/usr/share ${directory_mode})
