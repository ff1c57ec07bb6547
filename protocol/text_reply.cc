#include "protocol/text_reply.h"

#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

/// The key alone, encoded where its form asks for it.
char* WriteKey(char* out, const ReplyKey& key) {
  return key.form == KeyForm::kBinary ? EncodeBase64(out, key.bytes) : WriteText(out, key.bytes);
}

char* WriteTtl(char* out, int64_t ttl_sec) {
  return ttl_sec < 0 ? WriteText(out, "-1") : FormatU64(out, static_cast<uint64_t>(ttl_sec));
}

/// What the flag `token` returns.
char* WriteReturnFlag(char* out, std::string_view token, int64_t ttl_sec, const MetaItem& item) {
  const char letter = token.front();
  if (letter == 'O') {
    return WriteText(out, token);
  }
  *out++ = letter;
  switch (letter) {
    case 'c':
      return FormatU64(out, item.cas);
    case 'f':
      return FormatU64(out, item.client_flags);
    case 'h':
      *out++ = item.fetched_before ? '1' : '0';
      return out;
    case 'l':
      return FormatU64(out, item.idle_sec);
    case 's':
      return FormatU64(out, item.value_bytes);
    case 't':
      return WriteTtl(out, ttl_sec);
    default:  // k
      out = WriteKey(out, item.key);
      return item.key.form == KeyForm::kText ? out : WriteText(out, " b");
  }
}

char* WriteReturnFlags(char* out, std::string_view flag_tokens, FlagSet returned,
                       const MetaItem& item) {
  int64_t ttl_sec = item.ttl_before_sec;
  Tokenizer tokens(flag_tokens);
  for (std::string_view token = tokens.Next(); !token.empty(); token = tokens.Next()) {
    const char letter = token.front();
    if (letter == 'T' || (letter == 'N' && item.vivified)) {
      ttl_sec = item.ttl_after_sec;
    }
    if (returned.Contains(letter)) {
      *out++ = ' ';
      out = WriteReturnFlag(out, token, ttl_sec, item);
    }
  }
  return out;
}

char* WriteMarks(char* out, const MetaItem& item) {
  if (item.win == WinMark::kAlreadyWon) {
    out = WriteText(out, " Z");
  }
  if (item.stale) {
    out = WriteText(out, " X");
  }
  if (item.win == WinMark::kWon) {
    out = WriteText(out, " W");
  }
  return out;
}

/// All of a meta line that follows its code and size.
char* WriteMetaTail(char* out, std::string_view flag_tokens, FlagSet returned,
                    const MetaItem& item) {
  out = WriteReturnFlags(out, flag_tokens, returned, item);
  return WriteText(WriteMarks(out, item), kCrlf);
}

}  // namespace

char* WriteNumberLine(char* out, uint64_t value) {
  return WriteText(FormatU64(out, value), kCrlf);
}

char* WriteMetaLine(char* out, std::string_view code, std::string_view flag_tokens,
                    FlagSet returned, const MetaItem& item) {
  return WriteMetaTail(WriteText(out, code), flag_tokens, returned, item);
}

char* WriteMetaValueHead(char* out, std::string_view flag_tokens, FlagSet returned,
                         const MetaItem& item) {
  out = WriteField(WriteText(out, kMetaValue), item.value_bytes);
  return WriteMetaTail(out, flag_tokens, returned, item);
}

char* WriteInspection(char* out, const Inspection& item) {
  out = WriteText(out, kMetaInspected);
  *out++ = ' ';
  out = WriteKey(out, item.key);
  out = WriteTtl(WriteText(out, " exp="), item.ttl_sec);
  out = FormatU64(WriteText(out, " la="), item.idle_sec);
  out = FormatU64(WriteText(out, " cas="), item.cas);
  out = WriteText(out, item.fetched ? " fetch=yes" : " fetch=no");
  out = FormatU64(WriteText(out, " cls="), item.class_id);
  out = FormatU64(WriteText(out, " size="), item.item_bytes);
  return WriteText(out, kCrlf);
}

}  // namespace quarry::protocol
