#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/numbers.h"
#include "protocol/base64.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// Encoders of the lines that list items, as those of text_reply.h: they write at `out`, where the
/// caller has reserved the room, and return the end.

/// What a listing tells about an item.
struct ListedItem {
  std::string_view key = {};     ///< as stored: any bytes, at most kMaxKeyBytes
  bool base64_key = false;       ///< it was stored with a base64 key
  int64_t expiry_unix_sec = -1;  ///< -1: never
  int64_t access_unix_sec = 0;   ///< when it was last used
  uint64_t cas = 0;
  bool fetched = false;
  uint32_t class_id = 0;
  uint64_t item_bytes = 0;
  uint64_t value_bytes = 0;
  uint32_t client_flags = 0;
};

/// Letters, digits and -._~ as they are, every other byte as %XX.
inline constexpr size_t kUriKeyRoom = 3 * kMaxKeyBytes;
char* WriteUriEncoded(char* out, std::string_view bytes);

/// `key=<uri-encoded> exp=<n> la=<n> cas=<n> fetch=<yes|no> cls=<n> size=<n> flags=<n> ` and a bare
/// line feed.
inline constexpr size_t kMetadumpLineRoom =
    std::string_view("key= exp= la= cas= fetch=yes cls= size= flags= \n").size() + kUriKeyRoom +
    6 * kMaxU64Digits;
char* WriteMetadumpLine(char* out, const ListedItem& item);

/// `mg <key>`, or `mg <base64> b` for a key that was stored so or that no text line can hold: a
/// request for the item.
inline constexpr size_t kMgdumpLineRoom =
    std::string_view("mg  b\r\n").size() + Base64Chars(kMaxKeyBytes);
char* WriteMgdumpLine(char* out, const ListedItem& item);

/// `ITEM <key> [<bytes> b; <expiry> s]`, where the expiry is 0 for an item without end, and the key
/// in base64 where mgdump has it so.
inline constexpr size_t kCachedumpLineRoom =
    std::string_view("ITEM  [ b;  s]\r\n").size() + Base64Chars(kMaxKeyBytes) + 2 * kMaxU64Digits;
char* WriteCachedumpLine(char* out, const ListedItem& item);

}  // namespace quarry::protocol
