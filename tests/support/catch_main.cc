// Version 2 of Catch2 wants its main compiled once; version 3 brings a library for it.
#ifdef QUARRY_CATCH2_V2
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
