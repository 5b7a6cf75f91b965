# Real servers on loopback. A C++ file that ends in _test.cpp joins interop_test, as does what is in interop/support; any
# other is a program of its own; a script named *_test.sh or *_test.py is a test that finds the programs through its
# environment.

file(GLOB interop_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/interop/*_test.cpp")
file(GLOB interop_support CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/interop/support/*.cpp")
file(GLOB interop_programs CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/interop/*.cpp")
file(GLOB interop_scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/interop/*_test.sh"
     "${CMAKE_CURRENT_SOURCE_DIR}/interop/*_test.py")
list(FILTER interop_programs EXCLUDE REGEX "_test\\.cpp$")

set(interop_environment "GTEST_COLOR=yes" "no_proxy=*" "OKHTTP_BIN_DIR=${CMAKE_CURRENT_BINARY_DIR}")
if(TARGET okcurl)
  list(APPEND interop_environment "OKCURL=$<TARGET_FILE:okcurl>")
endif()

if(interop_tests)
  okhttp_test_binary(interop_test ${interop_tests} ${interop_support})
  add_test(NAME interop.cpp COMMAND interop_test --gtest_color=yes --gtest_brief=1)
  set_tests_properties(interop.cpp PROPERTIES LABELS interop TIMEOUT 1800 RUN_SERIAL ON
                                              ENVIRONMENT "${interop_environment}")
endif()
foreach(program IN LISTS interop_programs)
  get_filename_component(name "${program}" NAME_WE)
  add_executable(${name} "${program}")
  target_link_libraries(${name} PRIVATE okhttp_internals okhttp_warnings)
endforeach()
foreach(script IN LISTS interop_scripts)
  get_filename_component(name "${script}" NAME_WE)
  string(REGEX REPLACE "_test$" "" name "${name}")
  if(script MATCHES "\\.py$")
    set(runner Python3::Interpreter)
  else()
    set(runner bash)
  endif()
  add_test(NAME interop.${name} COMMAND ${runner} "${script}")
  set_tests_properties(interop.${name} PROPERTIES LABELS interop TIMEOUT 900 RUN_SERIAL ON
                                                  ENVIRONMENT "${interop_environment}")
endforeach()
