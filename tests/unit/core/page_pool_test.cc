#include "core/page_pool.h"

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::core {
namespace {

struct PoolFixture {
  explicit PoolFixture(uint32_t limit, uint32_t arena_pages = 64)
      : arena(*Arena::Reserve(arena_pages)), pool(*arena, limit) {}

  std::unique_ptr<Arena> arena;
  PagePool pool;
};

TEST_CASE("A pool gives out as many pages as its limit allows, each once") {
  PoolFixture f(10);
  std::set<uint32_t> pages;
  while (const uint32_t page = f.pool.Take()) {
    REQUIRE(pages.insert(page).second);
  }
  REQUIRE(pages.size() == 10);
  REQUIRE(f.pool.free_count() == 0);
  f.pool.Give({&*pages.begin(), 1});
  REQUIRE(f.pool.free_count() == 1);
  REQUIRE(f.pool.TakeReady() == *pages.begin());
  REQUIRE(f.pool.TakeReady() == 0);
}

TEST_CASE("Ready pages are given out as many as there are, and no more than the limit allows") {
  PoolFixture f(10);
  std::vector<uint32_t> pages;
  for (int i = 0; i < 6; ++i) {
    pages.push_back(f.pool.Take());
  }
  f.pool.Give(pages);
  REQUIRE(f.pool.held_count() == 0);

  std::vector<uint32_t> taken(4);
  REQUIRE(f.pool.TakeReady(taken) == 4);
  REQUIRE(f.pool.held_count() == 4);
  std::vector<uint32_t> rest(4);
  REQUIRE(f.pool.TakeReady(rest) == 2);
  rest.resize(2);
  std::set<uint32_t> all(taken.begin(), taken.end());
  all.insert(rest.begin(), rest.end());
  REQUIRE(all == std::set<uint32_t>(pages.begin(), pages.end()));

  f.pool.Give(pages);
  f.pool.SetLimit(3);
  REQUIRE(f.pool.TakeReady(taken) == 3);
}

TEST_CASE("Ready pages lie side by side as far as that goes, whatever order they were given in") {
  PoolFixture f(64);
  std::vector<uint32_t> pages;
  for (int i = 0; i < 40; ++i) {
    pages.push_back(f.pool.Take());
  }
  const std::vector<uint32_t> row(pages.begin() + 10, pages.begin() + 30);
  for (uint32_t i = 0; i < 20; ++i) {
    f.pool.Give({&row[i * 7 % 20], 1});
  }
  f.pool.Give({&pages[3], 1});
  std::vector<uint32_t> taken(20);
  REQUIRE(f.pool.TakeReady(taken) == 20);
  REQUIRE(taken == row);
  REQUIRE(f.pool.TakeReady(taken) == 1);
  REQUIRE(taken[0] == pages[3]);
}

TEST_CASE("A grant keeps some of many pages, and gives the pool the others") {
  PoolFixture f(100, 128);
  std::vector<uint32_t> pages;
  for (int i = 0; i < 100; ++i) {
    pages.push_back(f.pool.Take());
  }
  {
    PageGrant grant(f.pool);
    grant.Add(pages);
    REQUIRE(f.pool.held_count() > 8);
    REQUIRE(f.pool.held_count() < 50);
    const uint32_t page = grant.Take();
    REQUIRE(page != 0);
    grant.Add(page);
  }
  REQUIRE(f.pool.held_count() == 0);
}

TEST_CASE("A grant gives several pages in their order, and none of the pool's") {
  PoolFixture f(10);
  std::vector<uint32_t> pages;
  for (int i = 0; i < 6; ++i) {
    pages.push_back(f.pool.Take());
  }
  f.pool.Give({&pages[0], 1});
  PageGrant grant(f.pool);
  grant.Add(std::span(pages).subspan(1));
  std::vector<uint32_t> taken(3);
  REQUIRE(grant.TakeOwn(taken) == 3);
  REQUIRE(taken == std::vector<uint32_t>(pages.begin() + 3, pages.end()));
  REQUIRE(grant.TakeOwn(taken) == 2);
  REQUIRE(taken[0] == pages[1]);
  REQUIRE(taken[1] == pages[2]);
  REQUIRE(grant.empty());
}

TEST_CASE("What has no memory yet is not ready") {
  PoolFixture f(10);
  REQUIRE(f.pool.TakeReady() == 0);
  PageGrant grant(f.pool);
  REQUIRE(grant.Take() == 0);
  REQUIRE(grant.pool_has_pages());
}

TEST_CASE("Below a lowered limit nothing is given out, and what comes back goes to the system") {
  PoolFixture f(10);
  std::vector<uint32_t> pages;
  for (int i = 0; i < 10; ++i) {
    pages.push_back(f.pool.Take());
    f.arena->page(pages.back())[0] = 'x';
  }
  f.pool.SetLimit(4);
  REQUIRE(f.pool.surplus_count() == 6);
  for (size_t i = 0; i < 7; ++i) {
    f.pool.Give({&pages[i], 1});
  }
  REQUIRE(f.pool.surplus_count() == 6);
  for (uint32_t surplus = 6; surplus > 0; --surplus) {
    REQUIRE(f.pool.surplus_count() == surplus);
    REQUIRE(f.pool.ReleaseSurplusPage());
  }
  REQUIRE_FALSE(f.pool.ReleaseSurplusPage());
  REQUIRE(f.pool.free_count() == 1);
  int with_memory = 0;
  for (size_t i = 0; i < 7; ++i) {
    with_memory += f.arena->page(pages[i])[0] == 'x' ? 1 : 0;
  }
  REQUIRE(with_memory == 1);
  REQUIRE(f.pool.Take() != 0);
  REQUIRE(f.pool.Take() == 0);
}

TEST_CASE("A raised limit gives out more, first what was used before") {
  PoolFixture f(4);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(f.pool.Take() != 0);
  }
  REQUIRE(f.pool.Take() == 0);
  f.pool.SetLimit(64);
  REQUIRE(f.pool.free_count() == 60);
  for (int i = 0; i < 60; ++i) {
    REQUIRE(f.pool.Take() != 0);
  }
  REQUIRE(f.pool.Take() == 0);
}

TEST_CASE("What was an index becomes an index again, and nothing else") {
  PoolFixture f(4, 6);
  const uint32_t index_page = f.pool.ExchangeForIndex(f.pool.Take());
  f.pool.GiveFromIndex(index_page);
  REQUIRE(f.pool.free_count() == 4);
  uint32_t last = 0;
  for (int i = 0; i < 4; ++i) {
    last = f.pool.Take();
    REQUIRE(last != 0);
    REQUIRE(last != index_page);
  }
  REQUIRE(f.pool.ExchangeForIndex(last) == index_page);
  REQUIRE(f.pool.free_count() == 0);
  // However often an index comes and goes, no page is lost.
  uint32_t page = index_page;
  for (int i = 0; i < 100; ++i) {
    f.pool.GiveFromIndex(page);
    page = f.pool.Take();
    REQUIRE(page != 0);
    page = f.pool.ExchangeForIndex(page);
  }
}

}  // namespace
}  // namespace quarry::core
