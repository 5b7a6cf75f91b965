# Installs the build to a folder of its own, then builds and runs a program against it by CMake and by pkg-config.

if(BUILD_SHARED_LIBS)
  set(install_kind shared)
else()
  set(install_kind static)
endif()
add_test(NAME install
         COMMAND ${CMAKE_COMMAND}
                 -D "BUILD_DIR=${PROJECT_BINARY_DIR}"
                 -D "WORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/install"
                 -D "CXX=${CMAKE_CXX_COMPILER}"
                 -D "CXX_FLAGS=${CMAKE_CXX_FLAGS}"
                 -D "LIBDIR=${CMAKE_INSTALL_LIBDIR}"
                 -D "KIND=${install_kind}"
                 -P "${CMAKE_CURRENT_SOURCE_DIR}/install/check_install.cmake")
set_tests_properties(install PROPERTIES LABELS "unit;package" TIMEOUT 300)
