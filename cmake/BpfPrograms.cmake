# The BPF programs of kernel/bpf: compiled by clang, embedded in the library as a skeleton that bpftool writes. Both
# are needed to build only; libbpf at run time. Without them the exporter reads flows over netlink alone: docs/bpf.md.
set(CONNTRACK_BPF auto CACHE STRING "Walk the table with BPF: ON, OFF, or auto: where clang, bpftool and libbpf are found")
set_property(CACHE CONNTRACK_BPF PROPERTY STRINGS auto ON OFF)

# Sets `out` to what is missing, empty where nothing is.
function(conntrack_find_bpf out)
  set(missing "")
  find_program(CONNTRACK_BPF_CLANG NAMES clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14)
  find_program(CONNTRACK_BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin)
  pkg_check_modules(BPF QUIET IMPORTED_TARGET GLOBAL libbpf>=1.0)
  if(NOT CONNTRACK_BPF_CLANG)
    list(APPEND missing clang)
  endif()
  if(NOT CONNTRACK_BPFTOOL)
    list(APPEND missing bpftool)
  endif()
  if(NOT BPF_FOUND)
    list(APPEND missing libbpf-dev)
  endif()
  # The kernel's structures are read as those of such a machine.
  if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8 OR CMAKE_CXX_BYTE_ORDER STREQUAL "BIG_ENDIAN")
    list(APPEND missing "a 64-bit little-endian machine")
  endif()
  list(JOIN missing ", " missing)
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

# The global property CONNTRACK_HAS_BPF says afterwards whether they are there.
function(conntrack_add_bpf_programs target)
  set_property(GLOBAL PROPERTY CONNTRACK_HAS_BPF OFF)
  set(missing "switched off with CONNTRACK_BPF")
  if(NOT CONNTRACK_BPF STREQUAL "OFF")
    conntrack_find_bpf(missing)
  endif()
  if(missing)
    if(CONNTRACK_BPF STREQUAL "ON")
      message(FATAL_ERROR "CONNTRACK_BPF=ON, and not here: ${missing}. scripts/install-dependencies build brings the packages")
    endif()
    message(STATUS "Without BPF, flows are read over netlink alone: ${missing}")
    target_sources(${target} PRIVATE bpf/no_flow_walk_programs.cc)
    return()
  endif()

  set_property(GLOBAL PROPERTY CONNTRACK_HAS_BPF ON)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/bpf/flow_walk.bpf.c)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/bpf)
  set(object ${generated}/flow_walk.bpf.o)
  set(skeleton ${generated}/flow_walk.skel.h)
  file(MAKE_DIRECTORY ${generated})
  # asm/types.h, where the distribution keeps headers of its architecture apart.
  if(CMAKE_LIBRARY_ARCHITECTURE)
    set(asm_headers -idirafter ${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
  endif()
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CONNTRACK_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter
            -fdebug-prefix-map=${PROJECT_SOURCE_DIR}/= ${asm_headers} -c ${source} -o ${object}
    COMMAND ${CONNTRACK_BPFTOOL} gen skeleton ${object} name flow_walk > ${skeleton}
    DEPENDS ${source} ${CMAKE_CURRENT_SOURCE_DIR}/bpf/kernel_types.h ${CMAKE_CURRENT_SOURCE_DIR}/bpf/flow_walk_batch.h
    COMMENT "Building BPF programs of ${target}"
    VERBATIM)
  add_custom_target(conntrack_bpf_programs DEPENDS ${skeleton}) # for those who read the sources without building them
  target_sources(${target} PRIVATE bpf/load_programs.cc bpf/loading_process.cc bpf/flow_walk_programs.cc ${skeleton})
  target_include_directories(${target} SYSTEM PRIVATE ${generated})
  target_link_libraries(${target} PRIVATE PkgConfig::BPF)
endfunction()
