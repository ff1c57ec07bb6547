# One INTERFACE target carries every project-wide flag; each target links it PRIVATE, so that
# nothing leaks to consumers and no global CMAKE_CXX_FLAGS is set.
add_library(quarry_options INTERFACE)
target_include_directories(quarry_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(quarry_options INTERFACE cxx_std_20)
target_compile_options(quarry_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wundef -Wvla -Wextra-semi
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wthread-safety-beta -Wshadow-uncaptured-local
    -Wunreachable-code -Wmissing-variable-declarations>
  $<$<BOOL:${QUARRY_WERROR}>:-Werror>)
if(QUARRY_SANITIZE)
  list(JOIN QUARRY_SANITIZE "," _sanitizers)
  # The check of virtual pointers opens a pipe, and reports a fault where no descriptor is left:
  # a test of ours lets them run out.
  target_compile_options(quarry_options INTERFACE
    -fsanitize=${_sanitizers} -fno-sanitize=vptr -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g)
  target_link_options(quarry_options INTERFACE -fsanitize=${_sanitizers})
else()
  # Hardening that costs nothing measurable on the request path.
  target_compile_options(quarry_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
  target_link_options(quarry_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack
    -static-libstdc++ -static-libgcc -Wl,--gc-sections)
endif()
if(QUARRY_BUILD_FUZZERS)
  target_compile_options(quarry_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(QUARRY_COVERAGE)
  target_compile_options(quarry_options INTERFACE --coverage -O0 -g)
  target_link_options(quarry_options INTERFACE --coverage)
endif()
