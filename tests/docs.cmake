# Every ```cpp block of README.md and docs/ compiles: tools/check_docs.py writes each into a file of its own.

file(GLOB umbrella CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/okhttp/okhttp.hpp")
file(GLOB documents CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/docs/*.md")
if(NOT umbrella OR NOT documents OR NOT OKHTTP_CHECK_SOURCES)
  return()
endif()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${documents} "${PROJECT_SOURCE_DIR}/tools/check_docs.py")
execute_process(COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/check_docs.py"
                        "${CMAKE_CURRENT_BINARY_DIR}/docs" ${documents}
                OUTPUT_VARIABLE blocks OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" blocks "${blocks}")
if(blocks)
  add_library(okhttp_docs_check OBJECT ${blocks})
  target_link_libraries(okhttp_docs_check PRIVATE $<TARGET_NAME_IF_EXISTS:okhttp_cache> $<TARGET_NAME_IF_EXISTS:okhttp_mockwebserver>
                        $<TARGET_NAME_IF_EXISTS:okhttp_brotli> $<TARGET_NAME_IF_EXISTS:okhttp_zstd> okhttp)
  target_include_directories(okhttp_docs_check SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
endif()
