# What every target of the project shares: language level, warnings, visibility, ccache, output folder.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()

  find_program(OKHTTP_CCACHE ccache)
  if(OKHTTP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness is what ccache asks for to cache compilations that use a precompiled header; with the base folder, and
    # without the working folder in the key, a second checkout finds what the first one compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        ${OKHTTP_CCACHE})
  endif()
endif()

add_library(okhttp_warnings INTERFACE)
target_compile_options(okhttp_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Woverloaded-virtual
  $<$<BOOL:${OKHTTP_WERROR}>:-Werror>
  # g++ 12 reports overlaps inside std::string that cannot happen (GCC bug 105651), and reads of variables that its own
  # coroutine frames and std::optional keep behind a flag (GCC bug 80635).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-stringop-overflow>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized>)

# Several sources compiled as one, where the same headers would be read again and again: a third of the time of a whole
# build. ALONE names the sources whose file-local names are also another's.
set(OKHTTP_BATCH_SIZE 0 CACHE STRING "How many sources of a target are compiled as one; 0: each alone")
function(okhttp_batch target)
  cmake_parse_arguments(batch "" "" "ALONE" ${ARGN})
  if(OKHTTP_BATCH_SIZE GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${OKHTTP_BATCH_SIZE})
    set_source_files_properties(${batch_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    # What is local to a file stays so, but g++ takes it for something that a header holds.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
