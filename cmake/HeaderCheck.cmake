# Every header compiles alone: for each there is a source that includes it and nothing else.

file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  core/*.h protocol/*.h daemon/*.h)
set(sources)
foreach(header IN LISTS headers)
  set(source ${PROJECT_BINARY_DIR}/headers/${header}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
  list(APPEND sources ${source})
endforeach()

add_library(quarry_headers OBJECT ${sources})
target_link_libraries(quarry_headers PRIVATE
  quarry_options quarry_daemon quarry_net quarry_libevent quarry_xxhash CLI11::CLI11 quarry_spdlog)
# These sources are no one's to lint.
set_target_properties(quarry_headers PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
