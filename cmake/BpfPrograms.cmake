# The BPF programs of kernel/bpf. clang compiles them, and bpftool writes a skeleton that the library includes. Both are needed only for
# the build; libbpf also at run time. Without them the exporter reads flows over netlink only: docs/bpf.md.
set(CONNTRACK_BPF auto CACHE STRING "Walk the table with BPF: ON, OFF, or auto (ON if clang, bpftool and libbpf are found)")
set_property(CACHE CONNTRACK_BPF PROPERTY STRINGS auto ON OFF)

# Sets `out` to the list of what is missing. It is empty if nothing is.
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
  # The programs read the kernel's structures in this format.
  if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8 OR CMAKE_CXX_BYTE_ORDER STREQUAL "BIG_ENDIAN")
    list(APPEND missing "a 64-bit little-endian machine")
  endif()
  list(JOIN missing ", " missing)
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

# Sets the global property CONNTRACK_HAS_BPF to ON or OFF.
function(conntrack_add_bpf_programs target)
  set_property(GLOBAL PROPERTY CONNTRACK_HAS_BPF OFF)
  set(missing "switched off with CONNTRACK_BPF")
  if(NOT CONNTRACK_BPF STREQUAL "OFF")
    conntrack_find_bpf(missing)
  endif()
  if(missing)
    if(CONNTRACK_BPF STREQUAL "ON")
      message(FATAL_ERROR "CONNTRACK_BPF=ON, but missing: ${missing}. Run scripts/install-dependencies build")
    endif()
    message(STATUS "Without BPF, flows are read over netlink only. Missing: ${missing}")
    target_sources(${target} PRIVATE bpf/no_flow_walk_programs.cc)
    return()
  endif()

  set_property(GLOBAL PROPERTY CONNTRACK_HAS_BPF ON)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/bpf)
  file(MAKE_DIRECTORY ${generated})
  # For asm/types.h, if the distribution has a separate folder for headers of the architecture.
  if(CMAKE_LIBRARY_ARCHITECTURE)
    set(asm_headers -idirafter ${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
  endif()
  set(skeletons "")
  foreach(name flow_walk flow_walk_by_copy table_lookup)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/bpf/${name}.bpf.c)
    set(object ${generated}/${name}.bpf.o)
    set(skeleton ${generated}/${name}.skel.h)
    add_custom_command(
      OUTPUT ${skeleton}
      COMMAND ${CONNTRACK_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter
              -fdebug-prefix-map=${PROJECT_SOURCE_DIR}/= ${asm_headers} -c ${source} -o ${object}
      COMMAND ${CONNTRACK_BPFTOOL} gen skeleton ${object} name ${name} > ${skeleton}
      DEPENDS ${source} ${CMAKE_CURRENT_SOURCE_DIR}/bpf/kernel_memory.bpf.h ${CMAKE_CURRENT_SOURCE_DIR}/bpf/kernel_types.h
              ${CMAKE_CURRENT_SOURCE_DIR}/bpf/flow_walk_batch.h ${CMAKE_CURRENT_SOURCE_DIR}/bpf/flow_walk.bpf.c
      COMMENT "Building BPF programs of ${target}: ${name}"
      VERBATIM)
    list(APPEND skeletons ${skeleton})
  endforeach()
  add_custom_target(conntrack_bpf_programs DEPENDS ${skeletons}) # for tools that read the sources without building them
  target_sources(${target} PRIVATE bpf/load_programs.cc bpf/loading_process.cc bpf/flow_walk_programs.cc ${skeletons})
  target_include_directories(${target} SYSTEM PRIVATE ${generated})
  target_link_libraries(${target} PRIVATE PkgConfig::BPF)
endfunction()
