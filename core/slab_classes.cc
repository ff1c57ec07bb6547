#include "core/slab_classes.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/large_value.h"
#include "core/operations.h"

namespace quarry::core {
namespace {

constexpr uint32_t kSmallestFactorPercent = 102;
constexpr uint32_t kPage = static_cast<uint32_t>(kPageBytes);
// Expiry, client flags, CAS.
constexpr size_t kMaxWordBytes = 4 + 4 + 8;
constexpr size_t kLargestSmallItem =
    sizeof(Item) + kMaxWordBytes + kMaxKeyBytes + kMaxSmallValueBytes;
/// A rest that would take so much of a page gets the page: what it leaves is little beside the
/// pages in front of it.
constexpr uint32_t NearlyPage(uint64_t full_pages) {
  return kPage / 100 * (full_pages > 0 ? 98 : 99);
}

// What a further part adds: its handle takes room in the head's block.
constexpr uint32_t kGainPerPart = kBlockBytes - sizeof(Handle);

/// The largest chunk of which a page has so many.
constexpr uint32_t LargestChunk(uint32_t chunks_per_page) {
  return kPage / chunks_per_page / 4 * 4;
}

constexpr uint32_t kLargestSmallChunk = LargestChunk(kPage / kLargestSmallItem);

/// Keys of about the same length need heads of the same class, so that evicting one item makes room
/// for the head of the next.
uint32_t RoundedHeadBytes(uint32_t head_bytes) {
  return (head_bytes + 63) / 64 * 64;
}

}  // namespace

SlabClasses::SlabClasses(uint32_t min_chunk_bytes, double growth_factor) {
  QUARRY_CHECK(min_chunk_bytes >= kPageBytes / kMaxChunksPerPage &&
               min_chunk_bytes < kLargestSmallChunk);
  const double factor = std::max(growth_factor, kSmallestFactorPercent / 100.0);
  uint32_t chunk = LargestChunk(kPage / min_chunk_bytes);
  while (chunk < kLargestSmallChunk) {
    chunk_bytes_.push_back(chunk);
    // Of the numbers of chunks to a page the nearest to what the factor asks for, since where few
    // chunks fill a page one number more or less makes a step of several percent.
    const uint32_t chunk_count = kPage / chunk;
    const auto wanted = static_cast<uint32_t>(std::lround(chunk_count / factor));
    chunk = LargestChunk(std::clamp(wanted, 1U, kPage / (chunk + 4)));
  }
  chunk_bytes_.push_back(kLargestSmallChunk);
  QUARRY_CHECK(chunk_bytes_.size() <= 256);

  class_by_size_.resize(kLargestSmallChunk / 4 + 1);
  uint8_t class_index = 0;
  for (uint32_t words = 0; words < class_by_size_.size(); ++words) {
    if (words * 4 > chunk_bytes_[class_index]) {
      ++class_index;
    }
    class_by_size_[words] = class_index;
  }
  chunk_bytes_.push_back(kBlockBytes);
}

LargePlan SlabClasses::PlanFor(size_t key_bytes, uint64_t value_bytes) const {
  const auto full_pages = static_cast<uint32_t>(value_bytes / kPage);
  const auto rest_bytes = static_cast<uint32_t>(value_bytes % kPage);
  LargePlan plan = PlanChunks(LargeHeadBytes(key_bytes, full_pages, 0), rest_bytes);
  plan.page_count = full_pages;
  if (BytesOfChunks(plan) >= NearlyPage(full_pages)) {
    const uint32_t head_bytes = LargeHeadBytes(key_bytes, full_pages + 1, 0);
    plan = kPage - rest_bytes >= head_bytes ? LargePlan() : PlanChunks(head_bytes, 0);
    plan.page_count = full_pages + 1;
  }
  return plan;
}

LargePlan SlabClasses::PlanChunks(uint32_t head_bytes, uint32_t rest_bytes) const {
  const uint32_t bytes = head_bytes + rest_bytes;
  if (bytes <= kBlockBytes) {
    return {.head_class = ClassUpToBlock(RoundedHeadBytes(bytes)), .inline_bytes = rest_bytes};
  }
  const uint32_t least_parts = (bytes - kBlockBytes + kGainPerPart - 1) / kGainPerPart;
  const LargePlan one_tail = PlanParts(head_bytes, rest_bytes, least_parts, 1);
  // MostPagesOf counts on it that two chunks stand for more than half a block.
  if (bytes - kBlockBytes - (least_parts - 1) * kGainPerPart <= kBlockBytes / 2) {
    return one_tail;
  }
  const LargePlan two_tails = PlanParts(head_bytes, rest_bytes, least_parts + 1, 2);
  return BytesOfChunks(two_tails) < BytesOfChunks(one_tail) ? two_tails : one_tail;
}

LargePlan SlabClasses::PlanParts(uint32_t head_bytes, uint32_t rest_bytes, uint32_t part_count,
                                 uint32_t tail_count) const {
  LargePlan plan;
  plan.head_class = block_class();
  plan.inline_bytes = kBlockBytes - head_bytes - part_count * static_cast<uint32_t>(sizeof(Handle));
  plan.block_count = part_count - tail_count;
  plan.tail_count = tail_count;
  const uint32_t tails_bytes = rest_bytes - plan.inline_bytes - plan.block_count * kBlockBytes;
  plan.tail_class = ClassUpToBlock((tails_bytes + tail_count - 1) / tail_count + sizeof(Item));
  return plan;
}

// A part is known to be a block by its size, so none is a small chunk of as many bytes.
uint32_t SlabClasses::ClassUpToBlock(uint32_t bytes) const {
  const uint32_t class_index = ClassFor(bytes);
  return chunk_bytes_[class_index] < kBlockBytes ? class_index : block_class();
}

uint32_t SlabClasses::BytesOfChunks(const LargePlan& plan) const {
  uint32_t bytes = chunk_bytes_[plan.head_class] + plan.block_count * kBlockBytes;
  if (plan.tail_count > 0) {
    bytes += plan.tail_count * chunk_bytes_[plan.tail_class];
  }
  return bytes;
}

uint64_t SlabClasses::MostPagesOf(uint64_t value_bytes) {
  const uint64_t full_pages = value_bytes / kPage;
  if (value_bytes % kPage >= NearlyPage(full_pages)) {
    return full_pages + 2;  // the rest is a page, and the head may be a chunk of its own
  }
  const uint64_t chunks_bytes =
      value_bytes % kPage + LargeHeadBytes(kMaxKeyBytes, static_cast<uint32_t>(full_pages), 0);
  return full_pages + 1 + (chunks_bytes + kGainPerPart / 2) / kGainPerPart;
}

}  // namespace quarry::core
