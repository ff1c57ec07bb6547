#include "core/slab_classes.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace quarry::core {
namespace {

constexpr uint32_t kSmallestFactorPercent = 102;
constexpr uint32_t kPage = static_cast<uint32_t>(kPageBytes);
// Holds the largest small item.
constexpr uint32_t kLargestSmallChunk = kPage / 8;
// A rest that would take so much of a page gets the page.
constexpr uint32_t kNearlyPage = kPage / 100 * 97;

/// The largest chunk of which a page has so many.
constexpr uint32_t LargestChunk(uint32_t chunks_per_page) {
  return kPage / chunks_per_page / 4 * 4;
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
    const auto wanted = static_cast<uint32_t>(std::lround(kPage / chunk / factor));
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

LargePlan SlabClasses::PlanFor(uint64_t value_bytes) const {
  LargePlan plan;
  plan.page_count = static_cast<uint32_t>(value_bytes / kPage);
  const auto rest = static_cast<uint32_t>(value_bytes % kPage);
  plan.block_count = rest / kBlockPayloadBytes;
  uint32_t chunks_bytes = plan.block_count * kBlockBytes;
  if (const uint32_t tail = rest % kBlockPayloadBytes; tail > 0) {
    const uint32_t tail_class = ClassFor(tail + sizeof(Item));
    if (chunk_bytes_[tail_class] < kBlockBytes) {
      plan.tail_class = tail_class;
      chunks_bytes += chunk_bytes_[tail_class];
    } else {
      ++plan.block_count;
      chunks_bytes += kBlockBytes;
    }
  }
  if (chunks_bytes >= kNearlyPage) {
    ++plan.page_count;
    plan.block_count = 0;
    plan.tail_class = LargePlan::kNoTail;
  }
  return plan;
}

}  // namespace quarry::core
