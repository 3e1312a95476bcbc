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
configure_file(${PROJECT_SOURCE_DIR}/exporter/version.h.in ${PROJECT_BINARY_DIR}/generated/exporter/version.h @ONLY)
