# Run by ctest: see tests/install.cmake for the variables.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

set(prefix "${WORK_DIR}/prefix")
file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
run(${CMAKE_COMMAND} --install "${BUILD_DIR}" --prefix "${prefix}")

# A package that is moved after its installation must still work.
file(RENAME "${prefix}" "${WORK_DIR}/moved")
set(prefix "${WORK_DIR}/moved")

run(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK_DIR}/cmake" -G Ninja "-DCMAKE_PREFIX_PATH=${prefix}"
    "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}")
run(${CMAKE_COMMAND} --build "${WORK_DIR}/cmake")
run("${WORK_DIR}/cmake/consumer")
if(EXISTS "${WORK_DIR}/cmake/cache_consumer")
  run("${WORK_DIR}/cmake/cache_consumer")
endif()
if(EXISTS "${WORK_DIR}/cmake/codings_consumer")
  run("${WORK_DIR}/cmake/codings_consumer")
endif()

set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
execute_process(COMMAND pkg-config --cflags --libs okhttp OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags)
separate_arguments(cxx_flags UNIX_COMMAND "${CXX_FLAGS}")
run("${CXX}" -std=c++20 ${cxx_flags} -o "${WORK_DIR}/consumer" "${CMAKE_CURRENT_LIST_DIR}/consumer.cpp" ${flags}
    "-Wl,-rpath,${prefix}/${LIBDIR}")
run("${WORK_DIR}/consumer")

if(EXISTS "${prefix}/${LIBDIR}/pkgconfig/okhttp-cache.pc")
  execute_process(COMMAND pkg-config --cflags --libs okhttp-cache OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  run("${CXX}" -std=c++20 ${cxx_flags} -o "${WORK_DIR}/cache_consumer" "${CMAKE_CURRENT_LIST_DIR}/cache_consumer.cpp"
      ${flags} "-Wl,-rpath,${prefix}/${LIBDIR}")
  run("${WORK_DIR}/cache_consumer")
endif()

if(EXISTS "${prefix}/${LIBDIR}/pkgconfig/okhttp-brotli.pc" AND EXISTS "${prefix}/${LIBDIR}/pkgconfig/okhttp-zstd.pc")
  execute_process(COMMAND pkg-config --cflags --libs okhttp-brotli okhttp-zstd OUTPUT_VARIABLE flags
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  run("${CXX}" -std=c++20 ${cxx_flags} -o "${WORK_DIR}/codings_consumer"
      "${CMAKE_CURRENT_LIST_DIR}/codings_consumer.cpp" ${flags} "-Wl,-rpath,${prefix}/${LIBDIR}")
  run("${WORK_DIR}/codings_consumer")
endif()
