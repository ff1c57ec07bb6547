#include "core/free_chunks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "core/arena.h"
#include "tests/support/catch.h"

namespace quarry::core {
namespace {

constexpr uint32_t kChunkBytes = 64;
constexpr uint32_t kChunks = 100;

/// A page of chunks, and those of them that are free: the last is the one freed last.
struct ChunksFixture {
  ChunksFixture() : arena(std::move(Arena::Reserve(1)).value()) {
    arena->info(1).chunk_bytes = kChunkBytes;
  }

  void Push(uint32_t chunk) {
    free.Push(*arena, MakeHandle(1, chunk));
    expected.push_back(MakeHandle(1, chunk));
  }
  void Pop() {
    REQUIRE(free.Pop(*arena) == expected.back());
    expected.pop_back();
  }
  void Remove(size_t position) {
    free.Remove(*arena, expected[position]);
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(position));
  }

  std::unique_ptr<Arena> arena;
  FreeChunks free;
  std::vector<Handle> expected;
};

TEST_CASE("The chunk freed last is handed out first, however many there are") {
  ChunksFixture f;
  REQUIRE(f.free.empty());
  for (uint32_t chunk = 0; chunk < kChunks; ++chunk) {
    f.Push(chunk);
  }
  while (!f.expected.empty()) {
    REQUIRE_FALSE(f.free.empty());
    f.Pop();
  }
  REQUIRE(f.free.empty());
}

TEST_CASE("Any free chunk can be removed, and the others stay in their order") {
  ChunksFixture f;
  std::mt19937 random(1);
  std::vector<uint32_t> used(kChunks);
  for (uint32_t chunk = 0; chunk < kChunks; ++chunk) {
    used[chunk] = chunk;
  }
  for (int step = 0; step < 20'000; ++step) {
    REQUIRE(f.free.empty() == f.expected.empty());
    const bool frees = f.expected.empty() || (!used.empty() && random() % 2 == 0);
    if (frees) {
      std::swap(used[random() % used.size()], used.back());
      f.Push(used.back());
      used.pop_back();
      continue;
    }
    const size_t position =
        random() % 8 == 0 ? random() % f.expected.size() : f.expected.size() - 1;
    used.push_back(ChunkOf(f.expected[position]));
    if (position == f.expected.size() - 1 && random() % 2 == 0) {
      f.Pop();
    } else {
      f.Remove(position);
    }
  }
}

TEST_CASE("Chunks are handed out again without a look at them") {
  // What they hold is of no account.
  ChunksFixture f;
  for (uint32_t chunk = 0; chunk < 8; ++chunk) {
    f.Push(chunk);
  }
  std::fill_n(f.arena->page(1), kPageBytes, '\xff');
  while (!f.expected.empty()) {
    f.Pop();
  }
}

}  // namespace
}  // namespace quarry::core
