#include "core/slab_classes.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/item.h"

namespace quarry::core {
namespace {

constexpr uint32_t kSmallestFactorPercent = 102;
// A composed class holds at most this much more than the one before: its worst waste, in percent.
constexpr uint32_t kComposedStepPercent = 104;
// Where the composed classes begin. A smaller rest behind whole pages goes into one chunk.
constexpr uint32_t kSmallestComposed = 4096;

constexpr uint32_t kPage = static_cast<uint32_t>(kPageBytes);

uint32_t ChunkPayload(uint32_t chunk_bytes) {
  return chunk_bytes - static_cast<uint32_t>(sizeof(Item));
}

}  // namespace

SlabClasses::SlabClasses(uint32_t min_chunk_bytes, double growth_factor) {
  QUARRY_CHECK(min_chunk_bytes >= kPageBytes / kMaxChunksPerPage && min_chunk_bytes <= kPage / 8);
  const double factor = std::max(growth_factor, kSmallestFactorPercent / 100.0);
  uint32_t wanted = min_chunk_bytes;
  while (wanted <= kPage / 2) {
    // The largest chunk that divides the page as often as the wanted one does.
    const uint32_t chunk = kPage / (kPage / wanted) / 4 * 4;
    chunk_bytes_.push_back(chunk);
    wanted = std::max(chunk + 4, static_cast<uint32_t>(chunk * factor));
  }
  if (chunk_bytes_.back() != kPage / 2) {
    chunk_bytes_.push_back(kPage / 2);
  }
  QUARRY_CHECK(chunk_bytes_.size() <= 256);

  class_by_size_.resize(largest_chunk_bytes() / 4 + 1);
  uint8_t class_index = 0;
  for (uint32_t words = 0; words < class_by_size_.size(); ++words) {
    if (words * 4 > chunk_bytes_[class_index]) {
      ++class_index;
    }
    class_by_size_[words] = class_index;
  }

  for (uint32_t bytes = kSmallestComposed; bytes < kPage;
       bytes = bytes * kComposedStepPercent / 100) {
    const TailPlan plan = Compose(bytes);
    if (composed_.empty() || plan.capacity_bytes > composed_.back().capacity_bytes) {
      composed_.push_back(plan);
    }
  }
}

/// The set of at most three chunks that holds `bytes` with the least memory; among equals the one
/// with fewer chunks. Exhaustive over the first two, since it runs only at start.
TailPlan SlabClasses::Compose(uint32_t bytes) const {
  TailPlan best;
  uint32_t best_total = ~uint32_t{0};
  const auto offer = [&](std::array<uint8_t, TailPlan::kMaxChunks> classes, uint32_t count) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; ++i) {
      total += chunk_bytes_[classes[i]];
    }
    const uint32_t capacity = total - count * static_cast<uint32_t>(sizeof(Item));
    if (capacity >= bytes && total < best_total) {
      best = {capacity, count, classes};
      best_total = total;
    }
  };
  const auto smallest_for = [&](uint32_t rest) {
    return static_cast<uint8_t>(ClassFor(rest + sizeof(Item)));
  };
  const uint32_t largest = ChunkPayload(largest_chunk_bytes());
  if (bytes <= largest) {
    offer({smallest_for(bytes)}, 1);
  }
  for (uint32_t a = 0; a < slab_class_count(); ++a) {
    const uint32_t first = ChunkPayload(chunk_bytes_[a]);
    const auto class_a = static_cast<uint8_t>(a);
    if (first < bytes && bytes - first <= largest) {
      offer({class_a, smallest_for(bytes - first)}, 2);
    }
    for (uint32_t b = 0; b <= a; ++b) {
      const uint32_t both = first + ChunkPayload(chunk_bytes_[b]);
      if (both < bytes && bytes - both <= largest) {
        offer({class_a, static_cast<uint8_t>(b), smallest_for(bytes - both)}, 3);
      }
    }
  }
  QUARRY_CHECK(best.chunk_count > 0);
  return best;
}

LargePlan SlabClasses::PlanFor(uint64_t value_bytes) const {
  LargePlan plan;
  plan.page_count = static_cast<uint32_t>(value_bytes / kPage);
  const auto rest = static_cast<uint32_t>(value_bytes % kPage);
  const auto composed = std::lower_bound(
      composed_.begin(), composed_.end(), rest,
      [](const TailPlan& tail, uint32_t bytes) { return tail.capacity_bytes < bytes; });
  if (composed == composed_.end()) {
    ++plan.page_count;  // it would fill the page but for a few percent
  } else if (plan.page_count > 0 && rest > 0 && rest <= kSmallestComposed) {
    const uint32_t class_index = ClassFor(rest + sizeof(Item));
    plan.tail = {ChunkPayload(chunk_bytes_[class_index]), 1, {static_cast<uint8_t>(class_index)}};
  } else if (rest > 0) {
    plan.tail = *composed;
  }
  plan.list_index = plan.page_count > 0
                        ? large_list()
                        : slab_class_count() + static_cast<uint32_t>(composed - composed_.begin());
  return plan;
}

}  // namespace quarry::core
