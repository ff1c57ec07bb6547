#pragma once

// Catch2 as Debian 12 has it (version 2, one header) or as newer systems have it (version 3).
#ifdef QUARRY_CATCH2_V2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
#endif
