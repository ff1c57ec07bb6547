#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/clock.h"
#include "core/handle.h"

namespace quarry::core {

/// What a chunk is at the moment.
enum class ChunkState : uint32_t {
  kFree,       ///< on its class's free list
  kProbation,  ///< an item in the index and in its list's probation queue
  kProtected,  ///< or in the protected queue
  kTemporary,  ///< or in the queue of those that will soon expire
  kDetached,   ///< part of a large item; or the head of one that is arriving or waits for its
               ///< readers
};

/// Bits of Item::flags.
enum ItemFlag : uint32_t {
  kFetchedFlag = 1U << 0,
  kStaleFlag = 1U << 1,
  kWonFlag = 1U << 2,
  kBase64KeyFlag = 1U << 3,
  kExpiryWordFlag = 1U << 4,
  kClientFlagsWordFlag = 1U << 5,
  kCasWordFlag = 1U << 6,
  kLargeFlag = 1U << 7,
};

inline constexpr uint64_t kSequenceMask = (uint64_t{1} << 40) - 1;
inline constexpr uint32_t kAccessTimeMask = (uint32_t{1} << 22) - 1;
inline constexpr uint32_t kMaxAccessCount = 3;
/// The value length of a free chunk: no small item's.
inline constexpr uint32_t kFreeChunkMark = (uint32_t{1} << 14) - 1;

/// The head of every chunk but the blocks that are parts, 20 bytes, aligned to 4:
///
///     | next 32 | prev 32 | sequence 32 | seq 8, key 8, value 14, accesses 2 | last access 22,
///     state 2, flags 8 |
///
/// and behind it in a linked item
///
///     | expiry 4 | client flags 4 | CAS 8 |  key  |  value                    (a small item)
///     | expiry 4 | client flags 4 | CAS 8 |  key  | pad | LargeValue          (the head of a large
///     one)
///
/// where each word is there only if its flag is set; a large item has all three. In a part of a
/// large item that is no block `next` is its head, the key length is 0, and value bytes follow the
/// header. The state bits tell the queue of a linked item; 0 is none, where the value length tells
/// a free chunk (kFreeChunkMark) from a detached one (0 until an item is written there).
struct Item {
  Handle next;
  Handle prev;
  uint32_t sequence_low;
  uint32_t sequence_high : 8;
  uint32_t key_bytes : 8;
  uint32_t small_value_bytes : 14;
  uint32_t access_count : 2;
  uint32_t last_access : 22;
  uint32_t raw_state : 2;
  uint32_t flags : 8;  // a byte of its own: read most often

  ChunkState state() const {
    if (is_linked()) {
      return static_cast<ChunkState>(raw_state);
    }
    return small_value_bytes == kFreeChunkMark ? ChunkState::kFree : ChunkState::kDetached;
  }
  void set_state(ChunkState state) {
    const bool is_queue = state != ChunkState::kFree && state != ChunkState::kDetached;
    raw_state = is_queue ? static_cast<uint32_t>(state) & 3U : 0U;
    if (!is_queue) {
      small_value_bytes = state == ChunkState::kFree ? kFreeChunkMark : 0;
    }
  }
  bool is_linked() const { return raw_state != 0; }

  bool Has(ItemFlag flag) const { return (flags & flag) != 0; }
  void Set(ItemFlag flag) { flags = (flags | flag) & 0xffU; }
  void Clear(ItemFlag flag) { flags = flags & ~uint32_t{flag} & 0xffU; }

  uint64_t sequence() const { return uint64_t{sequence_high} << 32 | sequence_low; }
  void set_sequence(uint64_t sequence) {
    sequence_low = static_cast<uint32_t>(sequence);
    sequence_high = static_cast<uint32_t>(sequence >> 32) & 0xffU;
  }

  /// Bytes of the optional words that `flags` ask for.
  static constexpr uint32_t WordBytes(uint32_t flags) {
    static_assert(kExpiryWordFlag == 1U << 4 && kCasWordFlag == 1U << 6);
    return kBytesOfWords[flags >> 4 & 7U];
  }

  const char* words() const { return reinterpret_cast<const char*>(this + 1); }
  char* words() { return reinterpret_cast<char*>(this + 1); }
  char* key_data() { return words() + WordBytes(flags); }
  std::string_view key() const { return {words() + WordBytes(flags), key_bytes}; }
  bool HasKey(std::string_view bytes) const {
    return key_bytes == bytes.size() && std::memcmp(key().data(), bytes.data(), bytes.size()) == 0;
  }

  /// True when one more read at `now` would change nothing here: it was fetched in this second, and
  /// its accesses are counted to the full.
  bool IsMarkedRead(Instant now) const {
    return access_count == kMaxAccessCount && last_access == (now.floor_sec & kAccessTimeMask) &&
           Has(kFetchedFlag);
  }

  /// kNever if the item has no expiry word.
  Expiry expiry() const { return Has(kExpiryWordFlag) ? Word<Expiry>(0) : kNever; }
  uint32_t client_flags() const {
    return Has(kClientFlagsWordFlag) ? Word<uint32_t>(WordBytes(flags & kExpiryWordFlag)) : 0;
  }
  /// The CAS a client has set, or 0.
  uint64_t client_cas() const { return Has(kCasWordFlag) ? Word<uint64_t>(CasOffset()) : 0; }
  /// The item's CAS: the client's, or else the sequence.
  uint64_t cas() const {
    const uint64_t set = client_cas();
    return set != 0 ? set : sequence();
  }

  /// Each needs its word.
  void set_expiry(Expiry expiry) { SetWord(0, expiry); }
  void set_client_flags(uint32_t value) { SetWord(WordBytes(flags & kExpiryWordFlag), value); }
  void set_client_cas(uint64_t cas) { SetWord(CasOffset(), cas); }

  /// The value of a small item.
  std::string_view small_value() const {
    return {words() + WordBytes(flags) + key_bytes, small_value_bytes};
  }
  char* small_value_data() { return key_data() + key_bytes; }

 private:
  // By expiry, client flags and CAS, from the lowest bit up.
  static constexpr std::array<uint8_t, 8> kBytesOfWords = {0, 4, 4, 8, 8, 12, 12, 16};

  uint32_t CasOffset() const { return WordBytes(flags & (kExpiryWordFlag | kClientFlagsWordFlag)); }

  template <typename Value>
  Value Word(uint32_t offset) const {
    Value value;
    std::memcpy(&value, words() + offset, sizeof(value));
    return value;
  }
  template <typename Value>
  void SetWord(uint32_t offset, Value value) {
    std::memcpy(words() + offset, &value, sizeof(value));
  }
};
static_assert(sizeof(Item) == 20 && alignof(Item) == 4);

/// A small item as a plain get finds it: lives only until the visitor returns.
class SmallHit {
 public:
  SmallHit(const Item& item, bool cas_enabled) : item_(item), cas_enabled_(cas_enabled) {}

  std::string_view value() const { return item_.small_value(); }
  uint32_t client_flags() const { return item_.client_flags(); }
  Expiry expiry() const { return item_.expiry(); }
  uint64_t cas() const { return cas_enabled_ ? item_.cas() : 0; }

 private:
  const Item& item_;
  const bool cas_enabled_;
};

/// Flags of an item that show in the replies of meta commands.
inline constexpr uint32_t kMetaMarks = kStaleFlag | kWonFlag | kBase64KeyFlag;

inline constexpr uint32_t kAllWordFlags = kExpiryWordFlag | kClientFlagsWordFlag | kCasWordFlag;

/// Bytes of a small item, before rounding up to a class.
inline uint32_t SmallItemBytes(uint32_t flags, size_t key_bytes, size_t value_bytes) {
  return static_cast<uint32_t>(sizeof(Item) + Item::WordBytes(flags) + key_bytes + value_bytes);
}

}  // namespace quarry::core
