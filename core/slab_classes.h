#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/handle.h"

namespace quarry::core {

/// How the part of a large value that fills no whole page is stored: in one to three chunks.
struct TailPlan {
  static constexpr size_t kMaxChunks = 3;
  uint32_t capacity_bytes = 0;  ///< of the chunks, their headers not counted
  uint32_t chunk_count = 0;
  std::array<uint8_t, kMaxChunks> classes{};  ///< slab class index of each
};

/// Where the value of a large item goes.
struct LargePlan {
  uint32_t page_count = 0;  ///< whole pages, first
  TailPlan tail;            ///< then this; chunk_count 0 if the pages hold everything
  uint32_t list_index = 0;  ///< its LRU list, counted as SlabClasses counts lists
};

/// The sizes of chunks, fixed at start, and which LRU list an item belongs to.
///
///     slab classes      32, 36, 40 ... bytes up to half a page; a page divides into equal chunks
///     composed classes  values between the largest small item and a page: a fixed set of chunks
///     each,
///                       so that evicting one item makes room for the next of its class
///     the large class   values with whole pages
///
/// Lists are numbered in this order. Immutable, hence safe on any thread.
class SlabClasses {
 public:
  /// `min_chunk_bytes` at least 32, `growth_factor` above 1: from one class to the next, but never
  /// less than 4 bytes. Steps below 1.02 count as 1.02.
  SlabClasses(uint32_t min_chunk_bytes, double growth_factor);

  uint32_t slab_class_count() const { return static_cast<uint32_t>(chunk_bytes_.size()); }
  uint32_t list_count() const { return slab_class_count() + composed_count() + 1; }
  uint32_t large_list() const { return list_count() - 1; }
  bool IsSlabClass(uint32_t list_index) const { return list_index < slab_class_count(); }

  uint32_t chunk_bytes(uint32_t class_index) const { return chunk_bytes_[class_index]; }
  uint32_t chunks_per_page(uint32_t class_index) const {
    return static_cast<uint32_t>(kPageBytes) / chunk_bytes_[class_index];
  }

  /// The plan of a composed class, named by its list.
  const TailPlan& composed(uint32_t list_index) const {
    return composed_[list_index - slab_class_count()];
  }

  /// The smallest class whose chunks hold `bytes`; at most largest_chunk_bytes().
  uint32_t ClassFor(size_t bytes) const { return class_by_size_[(bytes + 3) / 4]; }
  uint32_t largest_chunk_bytes() const { return chunk_bytes_.back(); }

  LargePlan PlanFor(uint64_t value_bytes) const;

 private:
  uint32_t composed_count() const { return static_cast<uint32_t>(composed_.size()); }
  TailPlan Compose(uint32_t bytes) const;

  std::vector<uint32_t> chunk_bytes_;   // ascending, multiples of 4
  std::vector<uint8_t> class_by_size_;  // [bytes / 4, rounded up]
  std::vector<TailPlan> composed_;      // ascending capacity
};

}  // namespace quarry::core
