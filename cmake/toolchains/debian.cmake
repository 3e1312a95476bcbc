# amd64.cmake and arm64.cmake include this, and set `architecture` (Debian's name), `processor` (the kernel's name) and
# `triplet`. Builds with Debian's compiler for that architecture and the libraries in build/sysroot, from
# scripts/make-sysroot.
# Build tools (clang for BPF, bpftool, python3) are those of this host.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_CXX_COMPILER ${triplet}-g++)

set(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../build/sysroot/${architecture})
cmake_path(NORMAL_PATH CMAKE_SYSROOT)
if(NOT EXISTS ${CMAKE_SYSROOT})
  message(FATAL_ERROR "There is no ${CMAKE_SYSROOT}: run scripts/install-dependencies portable-${architecture}")
endif()
file(GLOB gcc RELATIVE ${CMAKE_SYSROOT}/usr/lib/gcc/${triplet} ${CMAKE_SYSROOT}/usr/lib/gcc/${triplet}/*)
list(LENGTH gcc versions)
if(NOT versions EQUAL 1)
  message(FATAL_ERROR "${CMAKE_SYSROOT} has ${versions} versions of libgcc (${gcc}) instead of one: remove that folder, then run scripts/install-dependencies portable-${architecture}")
endif()
# --sysroot does not replace the compiler's own folders. They have the libstdc++ of this host, and in a cross compiler another libc.
set(include ${CMAKE_SYSROOT}/usr/include)
string(JOIN " " CMAKE_CXX_FLAGS_INIT -nostdinc++ -isystem ${include}/c++/${gcc} -isystem ${include}/${triplet}/c++/${gcc} -isystem ${include}/${triplet}
       -isystem ${include})
string(JOIN " " CMAKE_C_FLAGS_INIT -isystem ${include}/${triplet} -isystem ${include})
string(JOIN " " CMAKE_EXE_LINKER_FLAGS_INIT -B${CMAKE_SYSROOT}/usr/lib/gcc/${triplet}/${gcc}/ -B${CMAKE_SYSROOT}/usr/lib/${triplet}/
       -L${CMAKE_SYSROOT}/usr/lib/gcc/${triplet}/${gcc} -L${CMAKE_SYSROOT}/usr/lib/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${triplet}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
