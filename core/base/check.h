#pragma once

#include <cstdio>
#include <cstdlib>

/// Assertions for what only a bug can break. They stay on in every build: each is a compare and a
/// branch that is never taken.
#define QUARRY_CHECK(condition)                                                            \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] {                                                       \
      ::std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      ::std::abort();                                                                      \
    }                                                                                      \
  } while (false)

/// The same for checks that are too dear for the request path: gone where NDEBUG is set.
#ifdef NDEBUG
#define QUARRY_DCHECK(condition) static_cast<void>(sizeof(!(condition)))
#else
#define QUARRY_DCHECK(condition) QUARRY_CHECK(condition)
#endif
