#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <absl/status/statusor.h>

#include "core/base/clock.h"
#include "core/base/zeroed_array.h"
#include "core/handle.h"

namespace quarry::core {

/// Blocks are the chunks of one slab class, of which large items are made. They have no header:
/// the arena knows whose each is.
inline constexpr uint32_t kBlocksPerPage = 16;
inline constexpr uint32_t kBlockBytes = kPageBytes / kBlocksPerPage;

/// When the items of a page end: see ExpiryPages.
struct PageExpiry {
  Expiry due = kNever;       ///< when the page is next to be looked through; kNever: not listed
  Expiry early_until = 0;    ///< by when the items noted since have ended, which end before that
  uint32_t position = 0;     ///< in the list of such pages
  uint16_t early_count = 0;  ///< how many were noted
};

/// One entry of the page table. It belongs to whoever owns the page: the shard (under its lock),
/// the upload or grant that holds it, or the pool. On one cache line each, and found by a shift.
struct alignas(32) PageInfo {
  /// What a handle's chunk number is multiplied with. Atomic because prefetching reads it without
  /// the lock; relaxed, because a stale value only prefetches a useless line.
  std::atomic<uint32_t> chunk_bytes{0};
  bool has_head = false;     ///< its chunk 1 is a large item's head, behind the end of the value
  uint8_t class_index = 0;   ///< of a slab class's page
  uint16_t used_chunks = 0;  ///< of such a page: how many are not free
  bool noted_empty = false;  ///< it is among its class's pages without a used chunk
  PageExpiry expiry;         ///< of what is in its chunks
};

/// The address space of all pages, reserved at start, and the page table. The system gives memory
/// to a page when it is first written, and to its entry in the table likewise. Pages are numbered
/// from 1.
class Arena {
 public:
  /// Reserves room for `page_count` pages. Those from `first_huge_page` on fill huge pages, the
  /// first of them included, so that as many of them as are a multiple of 2 MB take no more than
  /// that. ResourceExhausted if the system refuses.
  static absl::StatusOr<std::unique_ptr<Arena>> Reserve(uint32_t page_count,
                                                        uint32_t first_huge_page = 1);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  uint32_t page_count() const { return page_count_; }
  char* page(uint32_t index) const { return base_ + (size_t{index} << kPageShift); }
  PageInfo& info(uint32_t index) const { return table_[index]; }

  /// Makes the system give memory to a page that has none.
  void Touch(uint32_t index) const;
  /// Gives a page's memory back to the system; it then reads as zeros. Around it the system is
  /// asked for no more huge pages: they would fill the gap again.
  void Release(uint32_t index) const;

  /// The address of a chunk. Right only while the caller owns the page; otherwise just an address
  /// within the arena.
  char* At(Handle handle) const { return At(handle, ChunkBytesAt(handle)); }
  /// The same for whoever knows the size of that chunk.
  char* At(Handle handle, uint32_t chunk_bytes) const {
    return page(PageOf(handle)) + size_t{ChunkOf(handle)} * chunk_bytes;
  }
  /// The size of that chunk.
  uint32_t ChunkBytesAt(Handle handle) const {
    return table_[PageOf(handle)].chunk_bytes.load(std::memory_order_relaxed);
  }

  /// Whose a block is: the head's of the large item that it is a part of; its own, if it is such a
  /// head; kNoHandle: it is free. Under the lock of whoever has the page.
  Handle& block_owner(Handle block) const {
    return block_owners_[PageOf(block) * kBlocksPerPage + ChunkOf(block)];
  }

 private:
  Arena(char* mapping, size_t mapping_bytes, char* base, uint32_t page_count);

  char* const mapping_;
  const size_t mapping_bytes_;
  char* const base_;  // of page 0
  const uint32_t page_count_;
  const ZeroedArray<PageInfo> table_;
  // Those of a page on one cache line; kNoHandle where the page has no blocks.
  const ZeroedArray<Handle> block_owners_;
};

}  // namespace quarry::core
