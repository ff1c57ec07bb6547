#include "protocol/dump_line.h"

#include <algorithm>

#include "protocol/text_reply.h"
#include "protocol/words.h"

namespace quarry::protocol {
namespace {

bool IsUnreserved(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

/// True for a key that would not be one token of a line.
bool NeedsBase64(const ListedItem& item) {
  return item.base64_key || std::any_of(item.key.begin(), item.key.end(), [](char byte) {
           return byte == ' ' || byte == '\r' || byte == '\n';
         });
}

char* WriteSigned(char* out, int64_t number) {
  if (number < 0) {
    *out++ = '-';
    return FormatU64(out, uint64_t{0} - static_cast<uint64_t>(number));
  }
  return FormatU64(out, static_cast<uint64_t>(number));
}

char* WriteKeyToken(char* out, const ListedItem& item) {
  return NeedsBase64(item) ? EncodeBase64(out, item.key) : WriteText(out, item.key);
}

}  // namespace

char* WriteUriEncoded(char* out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char byte : bytes) {
    if (IsUnreserved(byte)) {
      *out++ = byte;
    } else {
      const auto value = static_cast<unsigned char>(byte);
      *out++ = '%';
      *out++ = kDigits[value >> 4];
      *out++ = kDigits[value & 0xf];
    }
  }
  return out;
}

char* WriteMetadumpLine(char* out, const ListedItem& item) {
  out = WriteUriEncoded(WriteText(out, "key="), item.key);
  out = WriteSigned(WriteText(out, " exp="), item.expiry_unix_sec);
  out = WriteSigned(WriteText(out, " la="), item.access_unix_sec);
  out = FormatU64(WriteText(out, " cas="), item.cas);
  out = WriteText(out, item.fetched ? " fetch=yes" : " fetch=no");
  out = FormatU64(WriteText(out, " cls="), item.class_id);
  out = FormatU64(WriteText(out, " size="), item.item_bytes);
  out = FormatU64(WriteText(out, " flags="), item.client_flags);
  return WriteText(out, " \n");
}

char* WriteMgdumpLine(char* out, const ListedItem& item) {
  out = WriteKeyToken(WriteText(out, "mg "), item);
  return WriteText(WriteText(out, NeedsBase64(item) ? " b" : ""), kCrlf);
}

char* WriteCachedumpLine(char* out, const ListedItem& item) {
  out = WriteKeyToken(WriteText(out, "ITEM "), item);
  out = FormatU64(WriteText(out, " ["), item.value_bytes);
  out = WriteSigned(WriteText(out, " b; "), std::max(item.expiry_unix_sec, int64_t{0}));
  return WriteText(WriteText(out, " s]"), kCrlf);
}

}  // namespace quarry::protocol
