#include "core/page_set.h"

#include <cstdint>
#include <random>
#include <set>

#include "tests/support/catch.h"

namespace quarry::core {
namespace {

void InsertRow(PageSet& pages, uint32_t first, uint32_t count) {
  for (uint32_t page = first; page < first + count; ++page) {
    pages.Insert(page);
  }
}

TEST_CASE("A set of pages knows what is in it, and its ends") {
  constexpr uint32_t kPages = 10'000;  // more than one word of words
  PageSet pages(kPages);
  REQUIRE(pages.Lowest() == 0);
  REQUIRE(pages.Highest() == 0);
  REQUIRE(pages.FirstOfMany() == 0);
  std::set<uint32_t> expected;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    // Few pages, so that words and words of words run empty; the last of all among them.
    const uint32_t page = kPages - static_cast<uint32_t>(random() % 40) * 251;
    if (expected.erase(page) > 0) {
      pages.Erase(page);
    } else {
      expected.insert(page);
      pages.Insert(page);
    }
    CHECK(pages.Contains(page) == expected.contains(page));
    REQUIRE(pages.count() == expected.size());
    REQUIRE(pages.Lowest() == (expected.empty() ? 0 : *expected.begin()));
    REQUIRE(pages.Highest() == (expected.empty() ? 0 : *expected.rbegin()));
    const uint32_t first = pages.FirstOfMany();
    REQUIRE((expected.empty() ? first == 0 : expected.contains(first)));
  }
}

TEST_CASE("Pages that lie side by side are found among others, the longest rows first") {
  PageSet pages(10'000);
  for (uint32_t page = 1; page < 600; page += 2) {
    pages.Insert(page);
  }
  REQUIRE(pages.FirstOfMany() == 1);
  InsertRow(pages, 645, 4);
  REQUIRE(pages.FirstOfMany() == 645);
  InsertRow(pages, 710, 16);
  REQUIRE(pages.FirstOfMany() == 710);
  InsertRow(pages, 1000, 100);
  REQUIRE(pages.FirstOfMany() == 710);
}

TEST_CASE("Who looks for many pages does not look for long") {
  PageSet pages(10'000);
  for (uint32_t page = 1; page < 6'000; page += 64) {
    pages.Insert(page);
  }
  InsertRow(pages, 7'000, 500);
  REQUIRE(pages.FirstOfMany() == 1);
}

}  // namespace
}  // namespace quarry::core
