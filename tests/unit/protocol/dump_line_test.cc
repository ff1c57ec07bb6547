#include "protocol/dump_line.h"

#include <string>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

using namespace std::string_literals;
using Writer = char* (*)(char*, const ListedItem&);

/// What `write` writes, which must fit `room`.
std::string Line(Writer write, const ListedItem& item, size_t room) {
  std::string line(room, '\0');
  line.resize(static_cast<size_t>(write(line.data(), item) - line.data()));
  REQUIRE(line.size() <= room);
  return line;
}

std::string Metadump(const ListedItem& item) {
  return Line(WriteMetadumpLine, item, kMetadumpLineRoom);
}
std::string Mgdump(const ListedItem& item) {
  return Line(WriteMgdumpLine, item, kMgdumpLineRoom);
}
std::string Cachedump(const ListedItem& item) {
  return Line(WriteCachedumpLine, item, kCachedumpLineRoom);
}

TEST_CASE("metadump tells all of an item, its key as in a URI") {
  REQUIRE(Metadump({.key = "Az09-._~",
                    .expiry_unix_sec = 1700000060,
                    .access_unix_sec = 1700000000,
                    .cas = 77,
                    .fetched = true,
                    .class_id = 3,
                    .item_bytes = 72,
                    .value_bytes = 5,
                    .client_flags = 4294967295}) ==
          "key=Az09-._~ exp=1700000060 la=1700000000 cas=77 fetch=yes cls=3 size=72 "
          "flags=4294967295 \n");
  REQUIRE(Metadump({.key = "a/b%\n\xff\0"s}) ==
          "key=a%2Fb%25%0A%FF%00 exp=-1 la=0 cas=0 fetch=no cls=0 size=0 flags=0 \n");
}

TEST_CASE("mgdump writes a request for each item") {
  REQUIRE(Mgdump({.key = "key"}) == "mg key\r\n");
  REQUIRE(Mgdump({.key = "key", .base64_key = true}) == "mg a2V5 b\r\n");
  for (const std::string key : {"a b", "a\rb", "a\nb"}) {
    REQUIRE(Mgdump({.key = key}).ends_with(" b\r\n"));
  }
}

TEST_CASE("cachedump tells size and end") {
  REQUIRE(Cachedump({.key = "key", .value_bytes = 5}) == "ITEM key [5 b; 0 s]\r\n");
  REQUIRE(Cachedump({.key = "key", .expiry_unix_sec = 1700000000, .value_bytes = 1}) ==
          "ITEM key [1 b; 1700000000 s]\r\n");
  REQUIRE(Cachedump({.key = "a b"}) == "ITEM YSBi [0 b; 0 s]\r\n");
}

TEST_CASE("The room of a line suffices for the longest") {
  ListedItem item{.expiry_unix_sec = INT64_MIN,
                  .access_unix_sec = INT64_MIN,
                  .cas = UINT64_MAX,
                  .fetched = true,
                  .class_id = UINT32_MAX,
                  .item_bytes = UINT64_MAX,
                  .value_bytes = UINT64_MAX,
                  .client_flags = UINT32_MAX};
  const std::string key(kMaxKeyBytes, ' ');
  item.key = key;
  REQUIRE(Metadump(item).ends_with(" \n"));
  REQUIRE(Mgdump(item).ends_with(" b\r\n"));
  REQUIRE(Cachedump(item).ends_with("]\r\n"));
}

}  // namespace
}  // namespace quarry::protocol
