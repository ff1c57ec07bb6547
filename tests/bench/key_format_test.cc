#include "tests/bench/key_format.h"

#include <set>
#include <string>

#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

std::string Key(const KeyFormat& format, uint64_t key_number) {
  std::string key(KeyFormat::kMaxKeyBytes, '?');
  key.resize(static_cast<size_t>(format.Write(key.data(), key_number) - key.data()));
  return key;
}

TEST_CASE("Keys differ, stay within the range of lengths, and use all of it") {
  const KeyFormat format({20, 40});
  std::set<std::string> keys;
  std::set<size_t> lengths;
  for (uint64_t number = 0; number < 5000; ++number) {
    const std::string key = Key(format, number);
    REQUIRE(key.size() == format.LengthOf(number));
    REQUIRE(key.find_first_of(" \r\n") == std::string::npos);
    keys.insert(key);
    lengths.insert(key.size());
  }
  REQUIRE(keys.size() == 5000);
  REQUIRE(*lengths.begin() == 20);
  REQUIRE(*lengths.rbegin() == 40);
  REQUIRE(lengths.size() == 21);
}

TEST_CASE("The shortest key has room for the largest number and the dash") {
  REQUIRE(KeyFormat::ShortestFor(1) == 2);
  REQUIRE(KeyFormat::ShortestFor(10) == 2);
  REQUIRE(KeyFormat::ShortestFor(11) == 3);
  const size_t shortest = KeyFormat::ShortestFor(1000);
  REQUIRE(Key(KeyFormat({shortest, shortest}), 999) == "999-");
}

TEST_CASE("The longest key fits") {
  const KeyFormat format({KeyFormat::kMaxKeyBytes, KeyFormat::kMaxKeyBytes});
  for (uint64_t number = 0; number < 600; ++number) {
    REQUIRE(Key(format, number).size() == KeyFormat::kMaxKeyBytes);
  }
}

}  // namespace
}  // namespace quarry::bench
