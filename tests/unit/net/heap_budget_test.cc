#include "daemon/net/heap_budget.h"

#include <vector>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

constexpr size_t kAlmostAll = HeapBudget::kFreeBytes + static_cast<size_t>(HeapBudget::kBytes) - 1;

TEST_CASE("What each connection may keep anyway does not use up the budget") {
  HeapBudget budget;
  for (int i = 0; i < 100'000; ++i) {
    uint32_t charged_bytes = 0;
    budget.Charge(HeapBudget::kFreeBytes, charged_bytes);
    REQUIRE(charged_bytes == 0);
  }
  REQUIRE_FALSE(budget.is_tight());
}

TEST_CASE("Long texts have as much room as all that was kept before turns became tight") {
  constexpr uint32_t kTextBytes = 1 << 20;
  HeapBudget budget;
  std::vector<uint32_t> charged(1025);
  for (uint32_t& connection : charged) {
    budget.Charge(HeapBudget::kFreeBytes + HeapBudget::kTightReplyBytes, connection);
  }
  REQUIRE(budget.is_tight());
  size_t texts = 0;
  for (; budget.takes_long_texts(); ++texts) {
    REQUIRE(texts < charged.size());
    budget.Charge(kTextBytes, charged[texts]);
  }
  REQUIRE(texts * kTextBytes >= 2 * HeapBudget::kBytes);
  REQUIRE(texts * kTextBytes <= 2 * HeapBudget::kBytes + 2 * kTextBytes);
  budget.Charge(0, charged.front());
  REQUIRE(budget.takes_long_texts());
}

TEST_CASE("The budget is tight while it is used up") {
  HeapBudget budget;
  uint32_t first = 0;
  uint32_t second = 0;
  budget.Charge(kAlmostAll, first);
  REQUIRE_FALSE(budget.is_tight());
  budget.Charge(HeapBudget::kFreeBytes + 1, second);
  REQUIRE(budget.is_tight());
  budget.Charge(HeapBudget::kFreeBytes + 1000, first);
  REQUIRE_FALSE(budget.is_tight());
  budget.Charge(0, first);
  budget.Charge(0, second);
  budget.Charge(kAlmostAll, first);
  REQUIRE_FALSE(budget.is_tight());
}

}  // namespace
}  // namespace quarry::net
