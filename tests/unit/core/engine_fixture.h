#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/engine.h"

namespace quarry::core {

inline constexpr uint64_t kMiB = uint64_t{1} << 20;

/// What EngineFixture does, for those who have an engine and a clock of their own: threads.
StoreResult StoreIn(Engine& engine, std::string_view key, std::string_view value,
                    const StoreOptions& options, Instant now);
/// The second half of that: what arrives of a value whose upload has begun.
StoreResult FinishIn(Engine& engine, std::string_view key, Upload upload, std::string_view value,
                     const StoreOptions& options, Instant now);
std::optional<std::string> GetFrom(Engine& engine, std::string_view key, const GetOptions& options,
                                   Instant now);
std::optional<Fetched> FetchFrom(Engine& engine, std::string_view key, const GetOptions& options,
                                 Instant now);

/// An engine and a clock that stands where the test puts it, behind verbs short enough for a test
/// to read as a story.
class EngineFixture {
 public:
  explicit EngineFixture(const EngineOptions& options = DefaultOptions());

  static EngineOptions DefaultOptions() {
    EngineOptions options;
    options.hash_seed = 1;
    return options;
  }

  static EngineOptions Memory(uint64_t mib, uint64_t item_limit_mib = 1) {
    EngineOptions options = DefaultOptions();
    options.memory_bytes = mib * kMiB;
    options.max_item_bytes = item_limit_mib * kMiB;
    return options;
  }

  /// Changes the memory limit, and evicts until it holds, as far as that can be; false if it was
  /// refused.
  bool SetMemory(uint64_t mib);

  /// Moves the clock.
  void Wait(uint32_t seconds) {
    now.floor_sec += seconds;
    now.ceil_sec += seconds;
  }
  Expiry In(uint32_t seconds) const { return now.ceil_sec + seconds; }

  StoreResult Store(std::string_view key, std::string_view value,
                    const StoreOptions& options = {}) {
    return StoreIn(*engine, key, value, options, now);
  }
  StoreOutcome Set(std::string_view key, std::string_view value, Expiry expiry = kNever) {
    return Store(key, value, {.expiry = expiry}).outcome;
  }
  /// The value, put together from its segments if it is large; nothing on a miss.
  std::optional<std::string> Get(std::string_view key, const GetOptions& options = {}) {
    return GetFrom(*engine, key, options, now);
  }
  /// What a hit shows; views in it are dead.
  std::optional<Fetched> Fetch(std::string_view key, const GetOptions& options = {}) {
    return FetchFrom(*engine, key, options, now);
  }
  DeleteOutcome Delete(std::string_view key, const DeleteOptions& options = {}) {
    return engine->Delete(engine->MakeKey(key), options, now);
  }
  ArithmeticResult Count(std::string_view key, const ArithmeticOptions& options) {
    return engine->Arithmetic(engine->MakeKey(key), options, now);
  }
  uint64_t CasOf(std::string_view key) { return Fetch(key).value().item.cas; }
  Pin PinOf(std::string_view key);
  EngineStats Stats() const { return engine->Stats(now); }

  Instant now{100, 100};
  std::unique_ptr<Engine> engine;
};

/// `bytes` bytes that tell the key and the place they belong to.
std::string Pattern(std::string_view key, size_t bytes);

/// `bytes` bytes without a pattern, the same for the same offset. Offset and bytes together are at
/// most kNoiseBytes.
inline constexpr size_t kNoiseBytes = 2 * kMiB;
std::string_view Noise(size_t offset, size_t bytes);

/// The value of a pin, in one piece.
std::string BytesOf(const Pin& pin);

}  // namespace quarry::core
