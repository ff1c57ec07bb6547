#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/handle.h"
#include "core/item.h"

namespace quarry::core {

/// Where the value of a large item goes: whole pages, then blocks, then a chunk for the rest.
struct LargePlan {
  static constexpr uint32_t kNoTail = UINT32_MAX;
  /// More blocks would fill a page.
  static constexpr uint32_t kMaxChunks = 16;
  /// Pages that chunks, the head's included, keep from being emptied while they cannot move.
  static constexpr uint32_t kMaxChunkPages = kMaxChunks + 1;

  uint32_t page_count = 0;
  uint32_t block_count = 0;
  uint32_t tail_class = kNoTail;  ///< the slab class of the last chunk

  /// What a value leaves of its last page, if nothing follows that.
  uint64_t UnusedPageBytes(uint64_t value_bytes) const {
    return chunk_count() == 0 ? page_count * kPageBytes - value_bytes : 0;
  }
  /// Blocks and tail.
  uint32_t chunk_count() const { return block_count + (tail_class == kNoTail ? 0 : 1); }
};

/// The sizes of chunks, fixed at start, and which LRU list an item belongs to.
///
///     small classes    32, 36, 40 ... 8192 bytes; an item is one chunk
///     the block class  blocks of 4 KB, for values between the largest small item and a page: any
///                      blocks will do, so that the memory of one such item serves the next
///     large items      values with whole pages; not a slab class, since pages are their chunks
///
/// Slab classes, and the LRU lists of their items, are numbered in this order. A page divides into
/// equal chunks of one class. Immutable, hence safe on any thread.
class SlabClasses {
 public:
  static constexpr uint32_t kBlockBytes = kPageBytes / 16;
  /// Bytes of a value in a block.
  static constexpr uint32_t kBlockPayloadBytes = kBlockBytes - sizeof(Item);

  /// `min_chunk_bytes` at least 32, `growth_factor` above 1: from one class to the next, but never
  /// less than 4 bytes. Steps below 2 % count as 2 %.
  SlabClasses(uint32_t min_chunk_bytes, double growth_factor);

  uint32_t slab_class_count() const { return static_cast<uint32_t>(chunk_bytes_.size()); }
  uint32_t block_class() const { return slab_class_count() - 1; }
  uint32_t medium_list() const { return block_class(); }
  uint32_t large_list() const { return slab_class_count(); }
  uint32_t list_count() const { return slab_class_count() + 1; }
  bool IsSlabClass(uint32_t list_index) const { return list_index < slab_class_count(); }

  uint32_t chunk_bytes(uint32_t class_index) const { return chunk_bytes_[class_index]; }
  uint32_t chunks_per_page(uint32_t class_index) const {
    return static_cast<uint32_t>(kPageBytes) / chunk_bytes_[class_index];
  }

  /// The smallest small class whose chunks hold `bytes`; at most largest_small_chunk_bytes().
  uint32_t ClassFor(size_t bytes) const { return class_by_size_[(bytes + 3) / 4]; }
  uint32_t largest_small_chunk_bytes() const { return chunk_bytes_[block_class() - 1]; }

  LargePlan PlanFor(uint64_t value_bytes) const;
  /// The slab class of a plan's chunk number `index`.
  uint32_t ClassOfChunk(const LargePlan& plan, uint32_t index) const {
    return index < plan.block_count ? block_class() : plan.tail_class;
  }

 private:
  std::vector<uint32_t> chunk_bytes_;   // ascending, multiples of 4; then the block class
  std::vector<uint8_t> class_by_size_;  // [bytes / 4, rounded up]
};

}  // namespace quarry::core
