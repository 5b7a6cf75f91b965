# `cmake --install`: headers, libraries, okcurl, the CMake package and the pkg-config file.

include(CMakePackageConfigHelpers)

install(TARGETS okhttp EXPORT okhttpTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# With a shared library the mock server is built on a private static copy, which is not a product.
if(TARGET okhttp_mockwebserver AND NOT BUILD_SHARED_LIBS)
  install(TARGETS okhttp_mockwebserver EXPORT okhttpTargets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
if(TARGET okhttp_cache)
  install(TARGETS okhttp_cache EXPORT okhttpTargets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
foreach(component brotli zstd)
  if(TARGET okhttp_${component})
    install(TARGETS okhttp_${component} EXPORT okhttpTargets
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
            FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endforeach()
if(TARGET okcurl)
  install(TARGETS okcurl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/okhttp")
install(EXPORT okhttpTargets NAMESPACE okhttp:: DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/okhttpConfig.cmake.in"
                              "${CMAKE_CURRENT_BINARY_DIR}/okhttpConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/okhttpConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/okhttpConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/okhttpConfigVersion.cmake"
        DESTINATION "${package_dir}")

# A static library needs its dependencies on every link line, a shared one has them inside.
set(okhttp_pc_packages "openssl zlib libnghttp2 libidn2 libpsl")
if(BUILD_SHARED_LIBS)
  set(okhttp_pc_requires "Requires.private: ${okhttp_pc_packages}")
  set(okhttp_pc_cflags "")
else()
  set(okhttp_pc_requires "Requires: ${okhttp_pc_packages}")
  set(okhttp_pc_cflags " -DOKHTTP_STATIC")
endif()
file(RELATIVE_PATH okhttp_pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" okhttp_pc_prefix "${okhttp_pc_prefix}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/okhttp.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/okhttp.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/okhttp.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(TARGET okhttp_cache)
  if(BUILD_SHARED_LIBS)
    set(okhttp_cache_pc_requires "okhttp")
  else()
    set(okhttp_cache_pc_requires "okhttp sqlite3")
  endif()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/okhttp-cache.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/okhttp-cache.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/okhttp-cache.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
foreach(component brotli zstd)
  if(TARGET okhttp_${component})
    set(okhttp_${component}_pc_requires "okhttp")
    if(NOT BUILD_SHARED_LIBS AND component STREQUAL "brotli")
      string(APPEND okhttp_brotli_pc_requires " libbrotlidec libbrotlienc")
    elseif(NOT BUILD_SHARED_LIBS)
      string(APPEND okhttp_zstd_pc_requires " libzstd")
    endif()
    configure_file("${PROJECT_SOURCE_DIR}/cmake/okhttp-${component}.pc.in"
                   "${CMAKE_CURRENT_BINARY_DIR}/okhttp-${component}.pc" @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/okhttp-${component}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  endif()
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
