# The library: okhttp::okhttp, and okhttp_internals for what is built with the project and sees src/.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2>=1.52)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)

file(GLOB_RECURSE okhttp_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*.cpp")
file(GLOB_RECURSE okhttp_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/okhttp/*.hpp")

function(okhttp_define_library target)
  target_sources(${target}
    PRIVATE ${okhttp_sources}
    PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${okhttp_headers})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_include_directories(${target} SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
  # Asio is compiled once, in src/runtime/asio_impl.cpp.
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_SEPARATE_COMPILATION)
  target_link_libraries(${target}
    PRIVATE OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB PkgConfig::NGHTTP2 PkgConfig::IDN2 PkgConfig::PSL Threads::Threads
            $<BUILD_INTERFACE:okhttp_warnings>)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX POSITION_INDEPENDENT_CODE ON)
  okhttp_batch(${target} ALONE "${PROJECT_SOURCE_DIR}/src/runtime/asio_impl.cpp")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_compile_definitions(${target} PUBLIC OKHTTP_STATIC)
  elseif(UNIX AND NOT APPLE)
    target_link_options(${target} PRIVATE "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/okhttp.map")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/okhttp.map")
  endif()
endfunction()

add_library(okhttp)
add_library(okhttp::okhttp ALIAS okhttp)
okhttp_define_library(okhttp)
set_target_properties(okhttp PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

# A shared library hides its internals, so what tests them gets a static one of the same sources.
if(BUILD_SHARED_LIBS)
  add_library(okhttp_static STATIC EXCLUDE_FROM_ALL)
  okhttp_define_library(okhttp_static)
  set(okhttp_for_internals okhttp_static)
else()
  set(okhttp_for_internals okhttp)
endif()
add_library(okhttp_internals INTERFACE)
target_link_libraries(okhttp_internals INTERFACE ${okhttp_for_internals} OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB
                                                 PkgConfig::NGHTTP2 Threads::Threads)
target_include_directories(okhttp_internals INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_include_directories(okhttp_internals SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(okhttp_internals INTERFACE BOOST_ASIO_SEPARATE_COMPILATION)

# Every public header compiles alone, and twice in a row.
function(okhttp_check_headers target base)
  set(units)
  foreach(header IN LISTS ARGN)
    file(RELATIVE_PATH name "${base}" "${header}")
    string(REPLACE "/" "_" unit "${name}")
    set(unit "${CMAKE_CURRENT_BINARY_DIR}/${target}/${unit}.cpp")
    file(CONFIGURE OUTPUT "${unit}" CONTENT "#include <${name}>\n#include <${name}>\n")
    list(APPEND units "${unit}")
  endforeach()
  if(units)
    add_library(${target} OBJECT ${units})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(${target} PRIVATE okhttp_warnings)
    target_include_directories(${target} SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
  endif()
endfunction()

if(OKHTTP_BUILD_TESTS AND OKHTTP_CHECK_SOURCES)
  okhttp_check_headers(okhttp_header_check "${PROJECT_SOURCE_DIR}/include" ${okhttp_headers})
  target_link_libraries(okhttp_header_check PRIVATE okhttp)
endif()
