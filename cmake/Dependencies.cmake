# Finds every library of docs/dependencies.md, and names its Debian package where it is missing.

# quarry_require(<what> <package> <found>): stops the configuration unless <found> is true.
function(quarry_require what package found)
  if(NOT found)
    message(FATAL_ERROR "${what} was not found. On Debian: apt-get install ${package}")
  endif()
endfunction()

find_package(Threads REQUIRED)

find_package(absl CONFIG QUIET)
quarry_require("abseil" "libabsl-dev" "${absl_FOUND}")

# Debian's CMake package names abseil's shared libraries, some thirty for one program. Their
# archives lie beside them; linked in, a server needs less memory and starts sooner.
get_property(imported_targets DIRECTORY PROPERTY IMPORTED_TARGETS)
list(FILTER imported_targets INCLUDE REGEX "^absl::")
foreach(target IN LISTS imported_targets)
  get_target_property(shared_library ${target} IMPORTED_LOCATION_NONE)
  string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${shared_library}")
  if(NOT archive STREQUAL shared_library AND EXISTS "${archive}")
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_NONE "${archive}")
  endif()
endforeach()

find_package(CLI11 CONFIG QUIET)
quarry_require("CLI11" "libcli11-dev" "${CLI11_FOUND}")

find_package(spdlog CONFIG QUIET)
quarry_require("spdlog" "libspdlog-dev" "${spdlog_FOUND}")
# Compiled in, with the fmt that it uses: Debian has no archives of them.
add_library(quarry_spdlog INTERFACE)
target_link_libraries(quarry_spdlog INTERFACE spdlog::spdlog_header_only)
target_compile_definitions(quarry_spdlog INTERFACE FMT_HEADER_ONLY=1)

# xxHash and libevent ship no CMake package on Debian 12.
find_path(XXHASH_INCLUDE_DIR xxhash.h)
quarry_require("xxHash" "libxxhash-dev" "${XXHASH_INCLUDE_DIR}")
add_library(quarry_xxhash INTERFACE)
target_include_directories(quarry_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})
target_compile_definitions(quarry_xxhash INTERFACE XXH_INLINE_ALL)

find_path(LIBEVENT_INCLUDE_DIR event2/event.h)
find_library(LIBEVENT_CORE_LIBRARY event_core)
foreach(part IN ITEMS "${LIBEVENT_INCLUDE_DIR}" "${LIBEVENT_CORE_LIBRARY}")
  quarry_require("libevent" "libevent-dev" "${part}")
endforeach()
add_library(quarry_libevent INTERFACE)
target_include_directories(quarry_libevent SYSTEM INTERFACE ${LIBEVENT_INCLUDE_DIR})
target_link_libraries(quarry_libevent INTERFACE ${LIBEVENT_CORE_LIBRARY})

find_package(OpenSSL 3.0 QUIET COMPONENTS SSL)
quarry_require("OpenSSL 3" "libssl-dev" "${OPENSSL_FOUND}")

# The tests try both programs, with it and without.
if(QUARRY_CYRUS_SASL OR QUARRY_BUILD_TESTS)
  find_path(SASL_INCLUDE_DIR sasl/sasl.h)
  find_library(SASL_LIBRARY sasl2)
  foreach(part IN ITEMS "${SASL_INCLUDE_DIR}" "${SASL_LIBRARY}")
    quarry_require("Cyrus SASL" "libsasl2-dev" "${part}")
  endforeach()
  add_library(quarry_libsasl INTERFACE)
  target_include_directories(quarry_libsasl SYSTEM INTERFACE ${SASL_INCLUDE_DIR})
  target_link_libraries(quarry_libsasl INTERFACE ${SASL_LIBRARY})
endif()

if(QUARRY_BUILD_TESTS)
  find_package(Catch2 CONFIG QUIET)
  quarry_require("Catch2" "catch2" "${Catch2_FOUND}")
  # Version 2 is one header and wants a main of ours; version 3 brings its own.
  add_library(quarry_catch2 INTERFACE)
  if(Catch2_VERSION VERSION_LESS 3)
    target_link_libraries(quarry_catch2 INTERFACE Catch2::Catch2)
    target_compile_definitions(quarry_catch2 INTERFACE QUARRY_CATCH2_V2)
  else()
    target_link_libraries(quarry_catch2 INTERFACE Catch2::Catch2WithMain)
  endif()

  find_package(benchmark CONFIG QUIET)
  quarry_require("Google Benchmark" "libbenchmark-dev" "${benchmark_FOUND}")
endif()
