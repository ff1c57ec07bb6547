#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/arena.h"
#include "core/handle.h"
#include "core/item.h"

namespace quarry::core {

/// Where a large item goes: its value into whole pages, then into the chunk of its head, then into
/// parts, which are blocks and one or two chunks for the rest.
struct LargePlan {
  static constexpr uint32_t kNone = UINT32_MAX;
  /// With more the rest of the value would fill a page.
  static constexpr uint32_t kMaxParts = 16;

  uint32_t page_count = 0;
  uint32_t head_class = kNone;  ///< kNone: the head lies in the last page, behind the value
  uint32_t inline_bytes = 0;    ///< how much of the value lies in the head's chunk
  uint32_t block_count = 0;
  uint32_t tail_count = 0;
  uint32_t tail_class = kNone;  ///< the slab class of the chunks behind the blocks

  uint32_t part_count() const { return block_count + tail_count; }
  /// The pages of the value but for the head's.
  uint32_t page_count_beside_head() const { return page_count - (head_class == kNone ? 1 : 0); }
};

/// The chunks of a large item while they are gathered. They stay in hand from one try to the next:
/// given back in between, their pages would be the first to be taken for the others.
struct LargeChunks {
  Handle head = kNoHandle;
  uint32_t part_count = 0;
  std::array<Handle, LargePlan::kMaxParts> parts{};
};

/// The sizes of chunks, fixed at start, and which LRU list an item belongs to.
///
///     small classes    32, 36, 40 ... 4680 bytes; an item is one chunk
///     the block class  blocks of 4 KB, for values between the largest small item and a page: any
///                      blocks will do, so that the memory of one such item serves the next
///     large items      values with whole pages; not a slab class, since pages are their chunks
///
/// Slab classes, and the LRU lists of their items, are numbered in this order. A page divides into
/// equal chunks of one class. Immutable, hence safe on any thread.
class SlabClasses {
 public:
  /// `min_chunk_bytes` at least 32 and below 4680, `growth_factor` above 1: from one class to the
  /// next, but never less than 4 bytes. Steps below 2 % count as 2 %.
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

  LargePlan PlanFor(size_t key_bytes, uint64_t value_bytes) const;
  /// The pages that a value of that size has, and those that its chunks, the head's included, keep
  /// from being emptied while they cannot move: at most, whatever the key.
  static uint64_t MostPagesOf(uint64_t value_bytes);
  /// At most so many more than the pages that the value fills.
  static constexpr uint32_t kMaxChunkPages = LargePlan::kMaxParts + 2;
  /// The slab class of a plan's part number `index`.
  uint32_t ClassOfPart(const LargePlan& plan, uint32_t index) const {
    return index < plan.block_count ? block_class() : plan.tail_class;
  }

 private:
  /// The class for so many bytes of at most a block: small, or the block class.
  uint32_t ClassUpToBlock(uint32_t bytes) const;
  /// The chunks for `rest_bytes` of a value, less than a page, and for its head, which is of
  /// `head_bytes` without parts.
  LargePlan PlanChunks(uint32_t head_bytes, uint32_t rest_bytes) const;
  /// The same, the head in a block, for so many parts and tails among them.
  LargePlan PlanParts(uint32_t head_bytes, uint32_t rest_bytes, uint32_t part_count,
                      uint32_t tail_count) const;
  uint32_t BytesOfChunks(const LargePlan& plan) const;

  std::vector<uint32_t> chunk_bytes_;   // ascending, multiples of 4; then the block class
  std::vector<uint8_t> class_by_size_;  // [bytes / 4, rounded up]
};

}  // namespace quarry::core
