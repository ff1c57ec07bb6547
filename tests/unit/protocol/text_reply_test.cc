#include "protocol/text_reply.h"

#include <array>
#include <string>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

/// What `write` writes at the pointer that it is given, into exactly `room` bytes.
template <typename Write>
std::string Written(size_t room, Write write) {
  std::string text(room, '?');
  const char* end = write(text.data());
  const auto length = static_cast<size_t>(end - text.data());
  REQUIRE(length <= room);
  return text.substr(0, length);
}

std::string MetaLine(std::string_view code, std::string_view flag_tokens, FlagSet returned,
                     const MetaItem& item) {
  return Written(kMetaLineRoom,
                 [&](char* out) { return WriteMetaLine(out, code, flag_tokens, returned, item); });
}

std::string Hit(std::string_view flag_tokens, const MetaItem& item) {
  return MetaLine(kMetaDone, flag_tokens, kGetReturns, item);
}

MetaItem Item() {
  return {.key = {"key"},
          .value_bytes = 12,
          .client_flags = 34,
          .cas = 56,
          .ttl_before_sec = 78,
          .ttl_after_sec = 90,
          .idle_sec = 11,
          .fetched_before = true};
}

TEST_CASE("A value's head tells key, flags and length, and the CAS where it is asked for") {
  REQUIRE(Written(kValueHeadRoom, [](char* out) {
            return WriteValueHead(out, {"key", 5, 10});
          }) == "VALUE key 5 10\r\n");
  REQUIRE(Written(kValueHeadRoom, [](char* out) {
            return WriteValueHead(out, {"key", 5, 10, 99});
          }) == "VALUE key 5 10 99\r\n");
}

TEST_CASE("The longest value head fits its room") {
  const std::string key(kMaxKeyBytes, 'k');
  REQUIRE(Written(kValueHeadRoom, [&key](char* out) {
            return WriteValueHead(out, {key, UINT32_MAX, UINT64_MAX, UINT64_MAX});
          }) == "VALUE " + key + " 4294967295 18446744073709551615 18446744073709551615\r\n");
}

TEST_CASE("incr and decr answer with the number alone") {
  REQUIRE(Written(kNumberLineRoom, [](char* out) { return WriteNumberLine(out, 0); }) == "0\r\n");
  REQUIRE(Written(kNumberLineRoom, [](char* out) { return WriteNumberLine(out, UINT64_MAX); }) ==
          "18446744073709551615\r\n");
}

TEST_CASE("A meta reply returns each flag that was asked for") {
  REQUIRE(Hit("", Item()) == "HD\r\n");
  REQUIRE(Hit("c", Item()) == "HD c56\r\n");
  REQUIRE(Hit("f", Item()) == "HD f34\r\n");
  REQUIRE(Hit("h", Item()) == "HD h1\r\n");
  REQUIRE(Hit("k", Item()) == "HD kkey\r\n");
  REQUIRE(Hit("l", Item()) == "HD l11\r\n");
  REQUIRE(Hit("Oabc", Item()) == "HD Oabc\r\n");
  REQUIRE(Hit("O", Item()) == "HD O\r\n");
  REQUIRE(Hit("s", Item()) == "HD s12\r\n");
  REQUIRE(Hit("t", Item()) == "HD t78\r\n");
}

TEST_CASE("Return flags stand in the order of the request, the others return nothing") {
  REQUIRE(Hit("t  s O1 v q f u k E5", Item()) == "HD t78 s12 O1 f34 kkey\r\n");
  REQUIRE(Hit("f k O1 s t", Item()) == "HD f34 kkey O1 s12 t78\r\n");
}

TEST_CASE("t tells the TTL of its place among the flags") {
  REQUIRE(Hit("t T90", Item()) == "HD t78\r\n");
  REQUIRE(Hit("T90 t", Item()) == "HD t90\r\n");
  REQUIRE(Hit("N5 t T90", Item()) == "HD t78\r\n");

  MetaItem vivified = Item();
  vivified.vivified = true;
  vivified.ttl_before_sec = kUnlimitedTtl;
  REQUIRE(Hit("N90 t", vivified) == "HD t90\r\n");
  REQUIRE(Hit("t N90", vivified) == "HD t-1\r\n");
}

TEST_CASE("A value's meta head tells its length before the flags") {
  REQUIRE(Written(kMetaLineRoom, [](char* out) {
            return WriteMetaValueHead(out, "f v c", kGetReturns, Item());
          }) == "VA 12 f34 c56\r\n");
}

TEST_CASE("A reply returns the flags of its command and outcome only") {
  const std::string_view all = "b c f h k l O7 q s t v";
  REQUIRE(MetaLine(kMetaMiss, all, kEchoReturns, Item()) == "EN kkey O7\r\n");
  REQUIRE(MetaLine(kMetaNotFound, all, kEchoReturns, Item()) == "NF kkey O7\r\n");
  REQUIRE(MetaLine(kMetaNotStored, all, kStoreReturns, Item()) == "NS c56 kkey O7 s12\r\n");
  REQUIRE(MetaLine(kMetaDone, all, kArithmeticReturns, Item()) == "HD c56 kkey O7 t78\r\n");
}

TEST_CASE("A binary key is returned in base64 with b behind it") {
  MetaItem item = Item();
  item.key = {"Zm9v", KeyForm::kBase64Text};
  REQUIRE(Hit("b k O1", item) == "HD kZm9v b O1\r\n");
  REQUIRE(Hit("k b O1", item) == "HD kZm9v b O1\r\n");
  REQUIRE(Hit("b", item) == "HD\r\n");
  item.key = {"foo", KeyForm::kBinary};
  REQUIRE(Hit("k", item) == "HD kZm9v b\r\n");
}

TEST_CASE("The marks Z, X and W follow the flags in this order") {
  MetaItem item = Item();
  item.win = WinMark::kWon;
  REQUIRE(Hit("s", item) == "HD s12 W\r\n");
  item.stale = true;
  REQUIRE(Hit("s", item) == "HD s12 X W\r\n");
  item.win = WinMark::kAlreadyWon;
  REQUIRE(Hit("s", item) == "HD s12 Z X\r\n");
  item.stale = false;
  REQUIRE(Hit("", item) == "HD Z\r\n");
}

TEST_CASE("The longest meta line fits its room") {
  const std::string key(kMaxKeyBytes, '\xff');
  const MetaItem item = {.key = {key, KeyForm::kBinary},
                         .value_bytes = UINT64_MAX,
                         .client_flags = UINT32_MAX,
                         .cas = UINT64_MAX,
                         .ttl_before_sec = INT64_MAX,
                         .idle_sec = UINT32_MAX,
                         .fetched_before = true,
                         .stale = true,
                         .win = WinMark::kWon};
  const std::string flags = "c f h k l s t O" + std::string(kMaxOpaqueBytes, 'o');
  const std::string line = Written(
      kMetaLineRoom, [&](char* out) { return WriteMetaValueHead(out, flags, kGetReturns, item); });
  REQUIRE(line.ends_with(" X W\r\n"));
}

TEST_CASE("me tells about an item") {
  Inspection item = {.key = {"key"},
                     .ttl_sec = 30,
                     .idle_sec = 4,
                     .cas = 5,
                     .fetched = true,
                     .class_id = 6,
                     .item_bytes = 70};
  const auto line = [&item] {
    return Written(kInspectionRoom, [&item](char* out) { return WriteInspection(out, item); });
  };
  REQUIRE(line() == "ME key exp=30 la=4 cas=5 fetch=yes cls=6 size=70\r\n");
  item.key = {"foo", KeyForm::kBinary};
  item.ttl_sec = kUnlimitedTtl;
  item.fetched = false;
  REQUIRE(line() == "ME Zm9v exp=-1 la=4 cas=5 fetch=no cls=6 size=70\r\n");
}

TEST_CASE("The longest line of me fits its room") {
  const std::string key(kMaxKeyBytes, '\xff');
  const Inspection item = {.key = {key, KeyForm::kBinary},
                           .ttl_sec = INT64_MAX,
                           .idle_sec = UINT32_MAX,
                           .cas = UINT64_MAX,
                           .fetched = true,
                           .class_id = UINT32_MAX,
                           .item_bytes = UINT64_MAX};
  const std::string line =
      Written(kInspectionRoom, [&item](char* out) { return WriteInspection(out, item); });
  REQUIRE(line.ends_with("size=18446744073709551615\r\n"));
}

}  // namespace
}  // namespace quarry::protocol
