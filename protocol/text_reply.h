#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/base/numbers.h"
#include "protocol/base64.h"
#include "protocol/flag_set.h"
#include "protocol/text_parser.h"
#include "protocol/words.h"

namespace quarry::protocol {

/// Encoders of the replies that carry data. Each writes at `out`, where its caller has reserved the
/// room that it names, and returns the end of what it wrote. None allocates, blocks or fails, so
/// that they may run under a shard's lock.

/// Copies `text`. Room: its size.
inline char* WriteText(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// A space and the number. Room: kMaxU64Digits more than one byte.
inline char* WriteField(char* out, uint64_t number) {
  *out = ' ';
  return FormatU64(out + 1, number);
}

// --- Classic ------------------------------------------------------------------------------------

inline constexpr size_t kValueHeadRoom =
    kValuePrefix.size() + kMaxKeyBytes + 3 * (1 + kMaxU64Digits) + kCrlf.size();

/// `VALUE <key> <flags> <bytes>`, of get and gat; with a CAS behind it of gets and gats.
struct ValueHead {
  std::string_view key = {};
  uint32_t client_flags = 0;
  uint64_t value_bytes = 0;
  std::optional<uint64_t> cas = std::nullopt;
};

/// Room: kValueHeadRoom. The value and a CRLF follow.
[[gnu::always_inline]] inline char* WriteValueHead(char* out, const ValueHead& head) {
  out = WriteText(WriteText(out, kValuePrefix), head.key);
  out = WriteField(WriteField(out, head.client_flags), head.value_bytes);
  if (head.cas) {
    out = WriteField(out, *head.cas);
  }
  return WriteText(out, kCrlf);
}

inline constexpr size_t kNumberLineRoom = kMaxU64Digits + kCrlf.size();

/// `<value>`, the reply of incr and decr. Room: kNumberLineRoom.
char* WriteNumberLine(char* out, uint64_t value);

// --- Meta ---------------------------------------------------------------------------------------

/// How the bytes of a ReplyKey become what flag k returns.
enum class KeyForm : uint8_t {
  kText,        ///< as they are
  kBase64Text,  ///< as they are, and ` b` behind them: the key as a request with flag b sent it
  kBinary,      ///< in base64, and ` b` behind it: the stored key of an item that was stored with b
};

struct ReplyKey {
  std::string_view bytes = {};  ///< at most kMaxKeyBytes
  KeyForm form = KeyForm::kText;
};

/// Who is to refresh an item: the marks W and Z of mg.
enum class WinMark : uint8_t {
  kNone,
  kWon,
  kAlreadyWon
};

/// Seconds to live of an item that lives for ever.
inline constexpr int64_t kUnlimitedTtl = -1;

/// What return flags tell about an item. A field that no returned flag needs may be left out.
struct MetaItem {
  ReplyKey key = {};
  uint64_t value_bytes = 0;
  uint32_t client_flags = 0;
  uint64_t cas = 0;
  int64_t ttl_before_sec = kUnlimitedTtl;  ///< before the request's T took effect
  int64_t ttl_after_sec = kUnlimitedTtl;   ///< after it; equal where the request has no T
  uint32_t idle_sec = 0;                   ///< since the access before this one
  bool fetched_before = false;
  bool vivified = false;  ///< the request's N created it
  bool stale = false;
  WinMark win = WinMark::kNone;
};

/// Which flags a reply answers, of those in its request. Others are accepted and return nothing.
inline constexpr FlagSet kGetReturns{"cfhklOst"};     ///< mg, hit
inline constexpr FlagSet kStoreReturns{"ckOs"};       ///< ms, whatever the outcome
inline constexpr FlagSet kArithmeticReturns{"ckOt"};  ///< ma, success
inline constexpr FlagSet kEchoReturns{"kO"};          ///< md; mg's miss; ma, failure

/// The longest text that flag k returns: k<base64> b.
inline constexpr size_t kReturnedKeyRoom = 1 + Base64Chars(kMaxKeyBytes) + 2;

/// Room for any meta reply line: code, size, one of each return flag, three marks.
inline constexpr size_t kMetaLineRoom = kMetaValue.size() + (1 + kMaxU64Digits) +
                                        (1 + kReturnedKeyRoom) + (2 + kMaxOpaqueBytes) +
                                        6 * (2 + kMaxU64Digits) + 3 * 2 + kCrlf.size();

/// `<code> <return flags>*`: the flags of `flag_tokens` that are in `returned`, in their order,
/// then the marks Z, X, W that `item` bears. A `t` returns the TTL before the request unless it
/// stands behind the T, or the N, that set the present one. `flag_tokens` passed the parser. Room:
/// kMetaLineRoom.
char* WriteMetaLine(char* out, std::string_view code, std::string_view flag_tokens,
                    FlagSet returned, const MetaItem& item);

/// `VA <size> <return flags>*`, the same with the item's size. Room: kMetaLineRoom. The value and a
/// CRLF follow.
char* WriteMetaValueHead(char* out, std::string_view flag_tokens, FlagSet returned,
                         const MetaItem& item);

/// What me tells about an item.
struct Inspection {
  ReplyKey key = {};
  int64_t ttl_sec = kUnlimitedTtl;
  uint32_t idle_sec = 0;
  uint64_t cas = 0;
  bool fetched = false;
  uint32_t class_id = 0;
  uint64_t item_bytes = 0;
};

inline constexpr size_t kInspectionRoom =
    std::string_view("ME  exp= la= cas= fetch=yes cls= size=\r\n").size() + kReturnedKeyRoom +
    5 * kMaxU64Digits;

/// `ME <key> exp=<n> la=<n> cas=<n> fetch=<yes|no> cls=<n> size=<n>`, exp=-1 without an expiry. A
/// binary key stands in base64, with no mark that it does. Room: kInspectionRoom.
char* WriteInspection(char* out, const Inspection& item);

}  // namespace quarry::protocol
