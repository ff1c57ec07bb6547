#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace quarry::protocol {

inline constexpr size_t kMaxKeyBytes = 250;

/// What a request asks for. Dialects share these: `get k`, `mg k v` and the opcode Get are all
/// kGet.
enum class Op : uint8_t {
  kGet,       ///< one key of get, gets, gat, gats; mg
  kEndOfGet,  ///< the end of a classic retrieval line, where spaces stand before it: answered with
              ///< END
  kStore,     ///< set add replace append prepend cas; ms
  kDelete,    ///< delete; md
  kArithmetic,  ///< incr decr; ma
  kTouch,       ///< touch
  kInspect,     ///< me
  kNoop,        ///< mn
  kFlushAll,
  kVersion,
  kVerbosity,
  kLruMode,
  kTemporaryTtl,  ///< lru temp_ttl
  kLruTune,       ///< see ParseLruTune
  kMemoryLimit,
  kSlabs,    ///< see ParseSlabs
  kCrawler,  ///< see ParseCrawler
  kStats,
  kSasl,  ///< the authentication of the binary protocol, by its opcode
  kWatch,
  kQuit,
  kShutdown,
  kRefreshCertificates,
  kError,  ///< a line that is answered with `error` alone
};

enum class Dialect : uint8_t {
  kClassic,
  kMeta,
  kBinary
};

enum class StoreMode : uint8_t {
  kSet,
  kAdd,
  kReplace,
  kAppend,
  kPrepend
};

/// One request as every dialect's parser leaves it: what to do, not how it was spelt. Views point
/// into the bytes that were parsed and live as long as those do. A field that `op` has no use for
/// says nothing: a meta flag that the command accepts and ignores may have set it.
struct Request {
  Op op = Op::kError;
  Dialect dialect = Dialect::kClassic;
  StoreMode mode = StoreMode::kSet;
  Error error = Error::kNone;  ///< kError only
  uint8_t opcode = 0;          ///< binary: as sent, and to be sent back

  bool quiet = false;  ///< classic: noreply, hides every reply; meta: q; binary: hides what q does
  bool base64_key = false;   ///< `key` is the base64 text of the real key (meta b)
  bool want_value = false;   ///< kGet, kArithmetic: answer with the value (classic get; meta v)
  bool want_cas = false;     ///< kGet, classic: gets and gats
  bool want_key = false;     ///< kGet, binary: answer with the key
  bool ends_line = false;    ///< kGet, classic: the last key of its line, answered with END as well
  bool raw_key = false;      ///< binary: `key` has bytes that no line of text can carry
  bool bump = true;          ///< kGet: false with u
  bool touch = false;        ///< `exptime` replaces the item's expiry (gat, touch, meta T)
  bool vivify = false;       ///< meta N: create on a miss, living `vivify_exptime`
  bool recache = false;      ///< mg R
  bool touch_first = false;  ///< mg R: behind a T, whose expiry it looks at
  bool invalidate = false;   ///< meta I
  bool remove_value = false;  ///< md x
  bool compare_cas = false;   ///< only if the item's CAS is `cas` (classic cas, meta C)
  bool set_cas = false;       ///< the item's CAS becomes `new_cas` (meta E)
  bool decrement = false;     ///< kArithmetic: subtract instead of add
  bool set_flags = false;     ///< F was given (md x F)
  bool flat_lru = false;      ///< kLruMode: plain LRU instead of segmented

  std::string_view key = {};          ///< as sent, 1 to 250 bytes
  std::string_view flag_tokens = {};  ///< meta: the flags, for those echoed in their order
  std::string_view arguments = {};    ///< kStats, kSlabs ...: what follows the command's name;
                                      ///< kSasl: the mechanism

  int64_t exptime = 0;  ///< as on the wire: relative, absolute or negative; of kTemporaryTtl the
                        ///< longest that is temporary, negative for none
  int64_t vivify_exptime = 0;
  int32_t recache_sec = 0;
  uint32_t client_flags = 0;
  uint32_t opaque = 0;  ///< binary: as sent, and to be sent back
  uint32_t verbosity = 0;
  uint64_t memory_limit_mb = 0;
  uint64_t cas = 0;
  uint64_t new_cas = 0;
  uint64_t delta = 1;
  uint64_t initial = 0;

  uint64_t value_bytes = 0;     ///< kStore, kSasl: the declared length
  std::string_view value = {};  ///< kStore, kSasl: the body, where the parser had all of it
};

/// What is left of a request once the bytes that it was parsed from have gone.
inline Request WithoutViews(Request request) {
  request.key = request.flag_tokens = request.arguments = request.value = {};
  return request;
}

/// How many bytes stand between a store's value and the next request: the CRLF of text.
constexpr size_t TerminatorBytes(const Request& request) {
  return request.dialect == Dialect::kBinary ? 0 : 2;
}

}  // namespace quarry::protocol
