#pragma once

#include <cstdint>
#include <vector>

#include "core/free_chunks.h"

namespace quarry::core {

/// The chunks of one slab class. A page comes in as `fresh`, whose chunks are handed out one
/// after the other; freed ones wait in `free`.
struct SlabClass {
  FreeChunks free;
  uint32_t fresh_page = 0;
  uint32_t fresh_next = 0;  ///< the next chunk of it; chunks from here on were never touched
  uint32_t pages = 0;
  std::vector<uint32_t> empty_pages;  ///< pages that had no used chunk; may have one again
  uint64_t used_chunks = 0;
};

}  // namespace quarry::core
