#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/core/engine_fixture.h"

namespace quarry::core {
namespace {

EngineOptions LargeOptions() {
  return EngineFixture::Memory(128, 50);
}

/// How many bytes all spaces have that an upload gives.
uint64_t SpaceBytes(Upload& upload, std::span<std::span<char>> spaces, uint64_t wanted_bytes) {
  uint64_t bytes = 0;
  for (const std::span<char> space : spaces.first(upload.Space(spaces, wanted_bytes))) {
    bytes += space.size();
  }
  return bytes;
}

TEST_CASE("Values of every size around the borders come back as they were") {
  EngineFixture e(LargeOptions());
  const std::vector<size_t> borders = {0,     4032,  4096,   4097,    8192,
                                       32748, 65536, 131072, 1048576, 5 * kMiB};
  for (const size_t border : borders) {
    for (int offset = -3; offset <= 3; ++offset) {
      const size_t bytes = border + static_cast<size_t>(offset);
      if (border == 0 && offset < 0) {
        continue;
      }
      const std::string value = Pattern("k", bytes);
      REQUIRE(e.Set("k", value) == StoreOutcome::kStored);
      REQUIRE(e.Get("k") == value);
      REQUIRE(e.Fetch("k")->item.value_bytes == bytes);
    }
  }
}

TEST_CASE("A value that ends shortly before a page takes no memory beyond its pages") {
  EngineFixture e(LargeOptions());
  const uint64_t free_pages = e.Stats().pages_free;
  const std::string value = Pattern("k", 16 * kPageBytes - LargeHeadBytes(2, 16, 0));
  REQUIRE(LargeHeadBytes(2, 16, 0) == 120);
  for (int i = 0; i < 16; ++i) {
    REQUIRE(e.Set(std::to_string(i), value) == StoreOutcome::kStored);
  }
  REQUIRE(e.Stats().pages_free == free_pages - 16 * uint64_t{16});
  for (int i = 0; i < 16; ++i) {
    REQUIRE((*e.Get(std::to_string(i)) == value));
    REQUIRE(e.Delete(std::to_string(i)) == DeleteOutcome::kDeleted);
  }
  REQUIRE(e.Stats().pages_free == free_pages);
}

TEST_CASE("A head finds its place behind a value wherever that leaves it room") {
  EngineFixture e(LargeOptions());
  for (size_t unused = 0; unused < 400; ++unused) {
    const std::string value = Pattern("k", 2 * kPageBytes - unused);
    const std::string key(1 + unused * 7 % 250, 'k');
    REQUIRE(e.Set(key, value, e.In(10)) == StoreOutcome::kStored);
    REQUIRE((*e.Get(key) == value));
    e.Delete(key);
  }
  REQUIRE(e.Stats().items == 0);
  REQUIRE(e.Stats().item_bytes == 0);
}

TEST_CASE("The item limit counts key, value and 59 bytes; a set beyond it drops the old value") {
  EngineFixture e;
  REQUIRE(e.Set("key", Pattern("key", kMiB - 59 - 3)) == StoreOutcome::kStored);
  REQUIRE(e.Set("key", Pattern("key", kMiB - 59 - 2)) == StoreOutcome::kTooLarge);
  REQUIRE_FALSE(e.Get("key"));
  e.Set("key", "old");
  REQUIRE(e.Store("key", Pattern("key", kMiB), {.mode = StoreMode::kReplace}).outcome ==
          StoreOutcome::kTooLarge);
  REQUIRE(e.Get("key") == "old");
}

TEST_CASE(
    "A pinned value outlives its replacement, deletion and eviction until the pin is dropped") {
  EngineFixture e(LargeOptions());
  const std::string first = Pattern("first", kMiB);
  e.Set("k", first);
  const uint64_t free_before = e.Stats().pages_free;
  {
    const Pin reader = e.PinOf("k");
    const Pin second_reader = e.PinOf("k");
    e.Set("k", Pattern("second", kMiB));
    e.Delete("k");
    for (int i = 0; i < 40; ++i) {
      e.Set("filler" + std::to_string(i), Pattern("filler", 4 * kMiB));
    }
    REQUIRE(BytesOf(reader) == first);
    REQUIRE(BytesOf(second_reader) == first);
    REQUIRE(e.Stats().pinned_bytes == kMiB);
  }
  REQUIRE(e.Stats().pinned_bytes == 0);
  for (int i = 0; i < 40; ++i) {
    e.Delete("filler" + std::to_string(i));
  }
  REQUIRE(e.Stats().pages_free >= free_before - 2);
}

TEST_CASE("An upload that is given up gives all its pages back") {
  EngineFixture e(LargeOptions());
  e.Set("k", "old");
  const uint64_t free_before = e.Stats().pages_free;
  for (int i = 0; i < 10; ++i) {
    Upload upload = e.engine->BeginUpload(e.engine->MakeKey("k"), 20 * kMiB, e.now);
    std::array<std::span<char>, 8> spaces;
    while (upload.value_bytes() - upload.remaining_bytes() < 8 * kPageBytes) {
      const uint64_t bytes = SpaceBytes(upload, spaces, upload.remaining_bytes());
      REQUIRE(bytes > 0);
      upload.Advance(bytes);
    }
  }
  // One page of chunks for the heads stays with its class.
  REQUIRE(e.Stats().pages_free >= free_before - 2);
  REQUIRE(e.Get("k") == "old");
}

TEST_CASE("An upload takes as many pages as the bytes that are to come next need") {
  EngineFixture e(LargeOptions());
  Upload upload = e.engine->BeginUpload(e.engine->MakeKey("k"), 20 * kMiB, e.now);
  const uint64_t held_before = e.Stats().pages_held;
  std::array<std::span<char>, 16> spaces;
  REQUIRE(SpaceBytes(upload, spaces, 1) == kPageBytes);
  REQUIRE(e.Stats().pages_held == held_before + 1);
  REQUIRE(SpaceBytes(upload, spaces, 4 * kPageBytes) == 4 * kPageBytes);
  REQUIRE(e.Stats().pages_held == held_before + 4);
  upload.Advance(3 * kPageBytes + 1);
  REQUIRE(SpaceBytes(upload, spaces, 1) == kPageBytes - 1);
  REQUIRE(e.Stats().pages_held == held_before + 4);
}

TEST_CASE("An upload has few pages emptied at once, and takes all that are free") {
  constexpr uint64_t kBytes = 12 * kPageBytes;
  EngineFixture e(EngineFixture::Memory(16, 1));
  for (int i = 0; e.Stats().pages_free > 0; ++i) {
    e.Set("small" + std::to_string(i), std::string(1000, 'v'));
  }
  const Key key = e.engine->MakeKey("k");
  std::array<std::span<char>, 16> spaces;
  Upload first = e.engine->BeginUpload(key, kBytes, e.now);
  REQUIRE(SpaceBytes(first, spaces, kBytes) == 4 * kPageBytes);
  while (first.remaining_bytes() > 0) {
    first.Advance(SpaceBytes(first, spaces, first.remaining_bytes()));
  }
  first = {};
  Upload second = e.engine->BeginUpload(key, kBytes, e.now);
  REQUIRE(SpaceBytes(second, spaces, kBytes) == kBytes);
}

TEST_CASE("Pages that lie side by side are one space, in the next value as well") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  const Key key = e.engine->MakeKey("k");
  std::array<std::span<char>, 16> spaces;
  const auto take = [&](uint64_t value_bytes) {
    Upload upload = e.engine->BeginUpload(key, value_bytes, e.now);
    size_t count = 0;
    for (; upload.remaining_bytes() > 0; ++count) {
      REQUIRE(upload.Space(spaces, upload.remaining_bytes()) > 0);
      upload.Advance(spaces[0].size());
    }
    return count;
  };
  take(12 * kPageBytes);  // takes four pages at a time from the system
  REQUIRE(take(12 * kPageBytes) == 1);
  REQUIRE(take(5 * kPageBytes) == 1);
  REQUIRE(take(12 * kPageBytes) == 1);
}

TEST_CASE("Pages of two uploads by turns are spaces of their own") {
  EngineFixture e(EngineFixture::Memory(16, 1));
  std::array<Upload, 2> uploads;
  for (Upload& upload : uploads) {
    upload = e.engine->BeginUpload(e.engine->MakeKey("k"), 4 * kPageBytes, e.now);
  }
  std::array<std::span<char>, 16> spaces;
  for (uint64_t page = 1; page <= 4; ++page) {
    for (Upload& upload : uploads) {
      REQUIRE(SpaceBytes(upload, spaces, page * kPageBytes) == page * kPageBytes);
    }
  }
  for (Upload& upload : uploads) {
    REQUIRE(upload.Space(spaces, upload.remaining_bytes()) == 4);
    REQUIRE(upload.Space(std::span(spaces).first(3), upload.remaining_bytes()) == 3);
  }
  const std::string value = Pattern("k", 4 * kPageBytes);
  REQUIRE(FinishIn(*e.engine, "k", std::move(uploads[0]), value, {}, e.now).outcome ==
          StoreOutcome::kStored);
  uploads[1] = {};
  REQUIRE((e.Get("k") == value));
  // Between pages of others, some of those that are free lie side by side, and some do not.
  const std::string longer = Pattern("l", 9 * kPageBytes + 700);
  REQUIRE(e.Set("l", longer) == StoreOutcome::kStored);
  REQUIRE((e.Get("l") == longer));
  REQUIRE((e.Get("k") == value));
}

TEST_CASE("However many uploads take pages by turns, those of a value lie side by side") {
  constexpr uint64_t kValuePages = 20;
  constexpr uint64_t kPagesATurn = 2;
  EngineFixture e(EngineFixture::Memory(64, 1));
  struct Arriving {
    Key key;
    Upload upload;
    const char* row_end = nullptr;
  };
  const auto store_all = [&e] {
    std::vector<Arriving> arriving(8);
    for (size_t i = 0; i < arriving.size(); ++i) {
      arriving[i].key = e.engine->MakeKey(std::string_view("abcdefgh").substr(i, 1));
      arriving[i].upload = e.engine->BeginUpload(arriving[i].key, kValuePages * kPageBytes, e.now);
    }
    size_t rows = 0;
    for (uint64_t done = 0; done < kValuePages; done += kPagesATurn) {
      for (Arriving& one : arriving) {
        std::array<std::span<char>, kPagesATurn> spaces;
        const size_t count = one.upload.Space(spaces, kPagesATurn * kPageBytes);
        for (const std::span<char> space : std::span(spaces).first(count)) {
          rows += space.data() != one.row_end ? 1U : 0U;
          one.row_end = space.data() + space.size();
        }
        one.upload.Advance(kPagesATurn * kPageBytes);
      }
    }
    for (Arriving& one : arriving) {
      REQUIRE(e.engine->Store(one.key, {}, std::move(one.upload), e.now).outcome ==
              StoreOutcome::kStored);
    }
    return rows;
  };
  for (int i = 0; i < 50; ++i) {
    store_all();
  }
  REQUIRE(store_all() <= 8 * 4);  // of 8 * 20
}

TEST_CASE("An upload with its head behind the value gives back what it has of its pages") {
  EngineFixture e(LargeOptions());
  const uint64_t free_before = e.Stats().pages_free;
  for (const uint64_t page_count : {uint64_t{0}, uint64_t{1}, uint64_t{15}, uint64_t{16}}) {
    const uint64_t bytes = 16 * kPageBytes - 500;
    Upload upload = e.engine->BeginUpload(e.engine->MakeKey("k"), bytes, e.now);
    REQUIRE(e.Stats().pages_free == free_before - 1);
    std::array<std::span<char>, 16> spaces;
    const uint64_t free_then = free_before - 1 - std::min(page_count, uint64_t{15});
    while (e.Stats().pages_free > free_then) {
      REQUIRE(upload.Space(spaces, page_count * kPageBytes) > 0);
    }
    REQUIRE(e.Stats().pages_free == free_then);
    upload = {};
    REQUIRE(e.Stats().pages_free == free_before);
  }
}

TEST_CASE("Nobody sees an upload before its last byte, and its conditions are judged then") {
  EngineFixture e(LargeOptions());
  const Key key = e.engine->MakeKey("k");
  const uint64_t cas = e.Store("k", "old").cas;
  const std::string value = Pattern("k", 20'000);
  Upload upload = e.engine->BeginUpload(key, value.size(), e.now);
  std::array<std::span<char>, 8> spaces;
  size_t done = 0;
  const size_t count = upload.Space(spaces, upload.remaining_bytes());
  for (size_t i = 0; i < count; ++i) {
    value.copy(spaces[i].data(), spaces[i].size(), done);
    done += spaces[i].size();
  }
  upload.Advance(done);
  REQUIRE(upload.remaining_bytes() == 0);
  REQUIRE(e.Get("k") == "old");
  e.Set("k", "newer");
  const StoreResult result =
      e.engine->Store(key, {.compare_cas = true, .cas = cas}, std::move(upload), e.now);
  REQUIRE(result.outcome == StoreOutcome::kExists);
  REQUIRE(e.Get("k") == "newer");
}

TEST_CASE("Append and prepend join values of any size, up to the item limit") {
  EngineFixture e;
  const std::string small = Pattern("s", 5000);
  const std::string large = Pattern("l", 300'000);
  std::string expected = small;
  e.Store("k", small, {.client_flags = 7, .expiry = e.In(50)});
  for (const std::string& added : {small, large, small, large}) {
    const auto result = e.Store("k", added, {.mode = StoreMode::kAppend});
    expected += added;
    REQUIRE(result.outcome == StoreOutcome::kStored);
    REQUIRE(result.value_bytes == expected.size());
    REQUIRE(e.Store("k", added, {.mode = StoreMode::kPrepend}).outcome ==
            (expected.size() + added.size() > kMiB - 60 ? StoreOutcome::kTooLarge
                                                        : StoreOutcome::kStored));
    if (expected.size() + added.size() <= kMiB - 60) {
      expected.insert(0, added);
    }
    REQUIRE(e.Get("k") == expected);
    REQUIRE(e.Fetch("k")->item.client_flags == 7);
    REQUIRE(e.Fetch("k")->item.expiry == e.In(50));
  }
}

TEST_CASE("An append that fails is counted, whatever the size of the value") {
  EngineFixture e(EngineFixture::Memory(100, 50));
  uint64_t stores = 0;
  uint64_t bad_cas = 0;
  for (const size_t bytes : {size_t{10}, size_t{5000}, 40 * kMiB}) {
    e.Set("k", std::string(bytes, 'k'));
    ++stores;
    for (const size_t added_bytes : {size_t{1}, size_t{5000}}) {
      const StoreOptions append = {.mode = StoreMode::kAppend, .compare_cas = true, .cas = 1 << 30};
      REQUIRE(e.Store("k", std::string(added_bytes, 'a'), append).outcome == StoreOutcome::kExists);
      REQUIRE(e.Stats().counters.set_cmds == ++stores);
      REQUIRE(e.Stats().class_totals.cas_badval == ++bad_cas);
    }
  }
  e.Set("other", std::string(40 * kMiB, 'o'));
  const Pin pin = e.PinOf("other");
  uint64_t failures = 0;
  for (const size_t added_bytes : {size_t{1}, size_t{5000}}) {
    const std::string added(added_bytes, 'a');
    REQUIRE(e.Store("k", added, {.mode = StoreMode::kAppend}).outcome == StoreOutcome::kNoMemory);
    REQUIRE(e.Stats().counters.store_no_memory == ++failures);
    REQUIRE(e.Fetch("k")->item.value_bytes == 40 * kMiB);
  }
}

TEST_CASE("A large item is touched, invalidated, emptied and never counted") {
  EngineFixture e;
  const std::string value = Pattern("k", 100'000);
  e.Set("k", value);
  REQUIRE(e.Fetch("k", {.touch = true, .expiry = e.In(4)})->item.expiry == e.In(4));
  REQUIRE(e.Count("k", {}).outcome == ArithmeticOutcome::kNonNumeric);
  REQUIRE(e.Delete("k", {.invalidate = true}) == DeleteOutcome::kDeleted);
  REQUIRE(e.Fetch("k")->item.stale);
  REQUIRE(e.Get("k") == value);
  REQUIRE(e.Delete("k", {.remove_value = true}) == DeleteOutcome::kDeleted);
  REQUIRE(e.Get("k") == "");
}

}  // namespace
}  // namespace quarry::core
