#include "core/expiry_pages.h"

#include <memory>
#include <set>
#include <utility>

#include "core/arena.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

constexpr uint32_t kPages = 1000;

struct PagesFixture {
  PagesFixture() : arena(std::move(Arena::Reserve(kPages)).value()), pages(*arena) {}

  /// All pages that are due, with no word on when they are due again.
  std::set<uint32_t> TakeAllDue(uint32_t second) {
    std::set<uint32_t> taken;
    const Instant now{second, second};
    while (pages.AnyDue(now)) {
      if (const uint32_t page = pages.TakeDue(now); page != 0) {
        REQUIRE(taken.insert(page).second);
        pages.Reschedule(page, kNever);
      }
    }
    return taken;
  }

  std::unique_ptr<Arena> arena;
  ExpiryPages pages;
};

TEST_CASE("A page is due when its first items have ended, never before, and within a beat") {
  PagesFixture f;
  for (uint32_t page = 1; page <= kPages; ++page) {
    f.pages.Note(page, 500 + page, 4);
  }
  uint32_t taken = 0;
  for (uint32_t second = 490; second <= 500 + kPages + ExpiryPages::kBeatSec; ++second) {
    for (const uint32_t page : f.TakeAllDue(second)) {
      REQUIRE(500 + page <= second);
      REQUIRE(second < 500 + page + ExpiryPages::kBeatSec);
      ++taken;
    }
  }
  REQUIRE(taken == kPages);
  REQUIRE(f.pages.page_count() == 0);
}

TEST_CASE("A page is due earlier once a quorum of items ends earlier") {
  PagesFixture f;
  f.pages.Note(1, 5000, 3);
  f.pages.Note(1, 1000, 3);
  f.pages.Note(1, 1100, 3);
  REQUIRE(f.TakeAllDue(2000).empty());
  f.pages.Note(1, 900, 3);
  REQUIRE(f.TakeAllDue(1090).empty());
  REQUIRE(f.TakeAllDue(1110) == std::set<uint32_t>{1});
}

TEST_CASE("What is noted while a page is looked through is not lost") {
  PagesFixture f;
  f.pages.Note(1, 100, 3);
  const Instant now{200, 200};
  uint32_t page = 0;
  while (page == 0) {
    page = f.pages.TakeDue(now);
  }
  f.pages.Note(1, 300, 3);
  REQUIRE(f.TakeAllDue(1000).empty());
  f.pages.Reschedule(1, kNever);
  REQUIRE(f.TakeAllDue(299).empty());
  REQUIRE(f.TakeAllDue(310) == std::set<uint32_t>{1});
}

TEST_CASE("A page that was given away is not due, and the others still are") {
  PagesFixture f;
  for (uint32_t page = 1; page <= 10; ++page) {
    f.pages.Note(page, 100, 1);
  }
  f.pages.Remove(3);
  f.pages.Remove(10);
  f.pages.Remove(20);
  REQUIRE(f.TakeAllDue(110) == std::set<uint32_t>{1, 2, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("Noting the same page over and over lists it once") {
  PagesFixture f;
  for (uint32_t i = 0; i < 100'000; ++i) {
    f.pages.Note(1 + i % 7, 100 + i % 1000, 2);
  }
  REQUIRE(f.pages.page_count() == 7);
  f.pages.Note(8, UINT32_MAX, 1);
  REQUIRE(f.TakeAllDue(UINT32_MAX - 1).size() == 8);
}

}  // namespace
}  // namespace quarry::core
