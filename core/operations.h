#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/clock.h"

namespace quarry::core {

inline constexpr size_t kMaxKeyBytes = 250;

/// Bytes that an item counts beyond its key and value against the item limit, as in memcached.
inline constexpr size_t kItemOverheadBytes = 59;

/// Values above this are large: they go through an Upload and are read through a Pin.
inline constexpr size_t kMaxSmallValueBytes = 4096;

struct Bucket;

/// Of Key::likely_slot: not known.
inline constexpr uint32_t kUnknownSlot = UINT32_MAX;

/// A key and its hash (Engine::MakeKey). Any bytes, 1 to kMaxKeyBytes of them.
struct Key {
  std::string_view bytes;
  uint64_t hash = 0;
  // What the prefetches have seen without a lock: hints, right or wrong.
  const Bucket* bucket = nullptr;       ///< for Engine::PrefetchItem
  uint32_t likely_slot = kUnknownSlot;  ///< of the bucket, where a lookup looks first
};

/// An item as a visitor sees it. Views live only until the visitor returns.
struct ItemView {
  std::string_view key;
  std::string_view value;  ///< empty for a large item, whose bytes are read through a Pin
  uint64_t value_bytes = 0;
  uint32_t client_flags = 0;
  Expiry expiry = kNever;
  uint64_t cas = 0;
  uint32_t class_id = 0;  ///< 1-based, as `stats items` numbers it
  bool base64_key = false;
  bool stale = false;
  bool large = false;
};

/// The size of an item as the item limit and the statistics count it.
inline uint64_t ItemBytes(const ItemView& item) {
  return item.key.size() + item.value_bytes + kItemOverheadBytes;
}

/// Who is to refresh the item: the token of mg's N, R and stale items.
enum class Win : uint8_t {
  kNone,
  kWon,         ///< this caller (W)
  kAlreadyWon,  ///< somebody before (Z)
};

/// A hit of Engine::Get: the item after the operation, and what it was before it.
struct Fetched {
  ItemView item;
  Expiry expiry_before = kNever;
  bool fetched_before = false;
  uint32_t idle_sec = 0;  ///< seconds since the access before this one
  Win win = Win::kNone;
  bool vivified = false;  ///< the item did not exist and was created by this call
};

/// Which counters a Get moves.
enum class CountAs : uint8_t {
  kGet,
  kTouch,
  kNothing
};

struct GetOptions {
  CountAs count_as = CountAs::kGet;
  bool bump = true;          ///< counts as an access for eviction, and marks the item fetched
  bool want_value = true;    ///< a large item is pinned for the visitor
  bool touch = false;        ///< set the expiry to `expiry`
  bool vivify = false;       ///< on a miss create an empty item living until `vivify_expiry`
  bool base64_key = false;   ///< remembered by a vivified item
  bool may_win = false;      ///< take part in the win tokens (mg); fills Fetched::win
  bool recache = false;      ///< with may_win: win if less than `recache_sec` remain
  bool touch_first = false;  ///< with recache and touch: remain of the new expiry, not of the old
  bool compare_cas = false;  ///< a large item whose CAS is `cas` need not be pinned
  uint32_t recache_sec = 0;
  Expiry expiry = kNever;
  Expiry vivify_expiry = kNever;
  uint64_t cas = 0;
  uint64_t vivify_cas = 0;  ///< CAS of the vivified item; 0: the shard's next
};

enum class GetOutcome : uint8_t {
  kHit,
  kMiss,
  kNoMemory,
  kMustWait,  ///< for room to pin the value: nothing was done
};

enum class StoreMode : uint8_t {
  kSet,
  kAdd,
  kReplace,
  kAppend,
  kPrepend
};

struct StoreOptions {
  StoreMode mode = StoreMode::kSet;
  bool base64_key = false;
  bool compare_cas = false;  ///< store only over an item whose CAS is `cas`
  bool invalidate = false;   ///< with compare_cas: a lower `cas` stores all the same, as stale;
                             ///< not of what joins()
  bool vivify = false;       ///< of what joins(): create on a miss, living until `vivify_expiry`
  bool drop_old = false;     ///< a refused value takes the old one with it: see DropsOld
  uint32_t client_flags = 0;
  Expiry expiry = kNever;
  Expiry vivify_expiry = kNever;
  uint64_t cas = 0;
  uint64_t new_cas = 0;  ///< the CAS to assign; 0: the shard's next

  /// True for a set that asks for nothing but flags and an expiry.
  bool is_plain() const {
    return mode == StoreMode::kSet && !compare_cas && !base64_key && new_cas == 0;
  }
  bool joins() const { return mode == StoreMode::kAppend || mode == StoreMode::kPrepend; }

  /// Whether the old value goes where the new one is refused for its size or for want of memory:
  /// that of a set without CAS, which nobody means to keep, and where the caller asks for it.
  bool DropsOld() const { return drop_old || (mode == StoreMode::kSet && !compare_cas); }

  /// What joins() and has `vivify` becomes this where it finds nothing.
  StoreOptions Vivifying() const {
    StoreOptions set = *this;
    set.mode = StoreMode::kSet;
    set.compare_cas = false;
    set.vivify = false;
    set.expiry = vivify_expiry;
    return set;
  }
};

enum class StoreOutcome : uint8_t {
  kStored,
  kNotStored,
  kExists,
  kNotFound,
  kTooLarge,
  kNoMemory
};

struct StoreResult {
  StoreOutcome outcome = StoreOutcome::kNotStored;
  uint64_t cas = 0;          ///< of the stored item
  uint64_t value_bytes = 0;  ///< of the stored item, after append and prepend the whole
  /// That append and prepend to large values have copied, though it came to nothing.
  uint64_t copied_bytes = 0;
};

struct DeleteOptions {
  bool compare_cas = false;
  bool invalidate = false;    ///< mark stale instead of deleting
  bool remove_value = false;  ///< empty the item instead of deleting it
  bool touch = false;         ///< with invalidate or remove_value: set the expiry
  uint32_t client_flags = 0;  ///< of an emptied item
  Expiry expiry = kNever;
  uint64_t cas = 0;
  uint64_t new_cas = 0;  ///< CAS of what is left behind; 0: the rule of the operation
};

enum class DeleteOutcome : uint8_t {
  kDeleted,
  kNotFound,
  kExists,
  kNoMemory
};

struct ArithmeticOptions {
  bool decrement = false;  ///< floors at 0; an increment wraps at 2^64
  bool compare_cas = false;
  bool vivify = false;  ///< on a miss store `initial`, living until `vivify_expiry`
  bool touch = false;
  bool base64_key = false;
  Expiry expiry = kNever;
  Expiry vivify_expiry = kNever;
  uint64_t delta = 1;
  uint64_t initial = 0;
  uint64_t cas = 0;
  uint64_t new_cas = 0;
};

enum class ArithmeticOutcome : uint8_t {
  kDone,
  kCreated,
  kNotFound,
  kExists,
  kNonNumeric,
  kNoMemory
};

struct ArithmeticResult {
  ArithmeticOutcome outcome = ArithmeticOutcome::kNotFound;
  uint64_t value = 0;
  uint64_t cas = 0;
  Expiry expiry_before = kNever;
  Expiry expiry = kNever;
};

}  // namespace quarry::core
