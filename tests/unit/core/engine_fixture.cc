#include "tests/unit/core/engine_fixture.h"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <utility>

#include "core/base/check.h"

namespace quarry::core {

EngineFixture::EngineFixture(const EngineOptions& options) {
  auto created = Engine::Create(options);
  QUARRY_CHECK(created.ok());
  engine = *std::move(created);
}

bool EngineFixture::SetMemory(uint64_t mib) {
  const bool changed = engine->SetMemoryLimit(mib * kMiB).ok();
  while (engine->GiveBackSurplus(now)) {
  }
  return changed;
}

StoreResult StoreIn(Engine& engine, std::string_view key, std::string_view value,
                    const StoreOptions& options, Instant now) {
  const Key engine_key = engine.MakeKey(key);
  if (engine.IsTooLarge(key.size(), value.size())) {
    engine.RefuseTooLarge(engine_key, options, now);
    return {.outcome = StoreOutcome::kTooLarge};
  }
  if (value.size() <= Engine::kMaxSmallValueBytes) {
    return engine.Store(engine_key, options, value, now);
  }
  return FinishIn(engine, key, engine.BeginUpload(engine_key, value.size(), now), value, options,
                  now);
}

StoreResult FinishIn(Engine& engine, std::string_view key, Upload upload, std::string_view value,
                     const StoreOptions& options, Instant now) {
  while (upload && upload.remaining_bytes() > 0) {
    std::array<std::span<char>, 2> spaces;
    const size_t count = upload.Space(spaces, upload.remaining_bytes());
    if (count == 0) {
      return {.outcome = StoreOutcome::kNoMemory};
    }
    for (size_t i = 0; i < count; ++i) {
      const size_t offset = value.size() - upload.remaining_bytes();
      value.substr(offset, spaces[i].size()).copy(spaces[i].data(), spaces[i].size());
      upload.Advance(spaces[i].size());
    }
  }
  return upload ? engine.Store(engine.MakeKey(key), options, std::move(upload), now)
                : StoreResult{.outcome = StoreOutcome::kNoMemory};
}

std::optional<std::string> GetFrom(Engine& engine, std::string_view key, const GetOptions& options,
                                   Instant now) {
  std::optional<std::string> value;
  Pin pin;
  engine.Get(engine.MakeKey(key), options, now, [&](const Fetched& fetched, Pin fetched_pin) {
    pin = std::move(fetched_pin);
    value = std::string(fetched.item.value);
  });
  return pin ? BytesOf(pin) : value;
}

std::optional<Fetched> FetchFrom(Engine& engine, std::string_view key, const GetOptions& options,
                                 Instant now) {
  std::optional<Fetched> result;
  GetOptions without_value = options;
  without_value.want_value = false;
  engine.Get(engine.MakeKey(key), without_value, now,
             [&](const Fetched& fetched, const Pin&) { result = fetched; });
  return result;
}

Pin EngineFixture::PinOf(std::string_view key) {
  Pin pin;
  engine->Get(engine->MakeKey(key), {}, now,
              [&](const Fetched&, Pin fetched_pin) { pin = std::move(fetched_pin); });
  return pin;
}

std::string Pattern(std::string_view key, size_t bytes) {
  constexpr size_t kLabels = 32;  // in a row with the same place
  std::string text;
  text.reserve(bytes + kLabels * (key.size() + 16));
  while (text.size() < bytes) {
    const size_t place = text.size();
    text.append(key).append(":").append(std::to_string(place)).append(" ");
    for (size_t labels = 1; labels < kLabels; labels *= 2) {
      text.append(text, place, text.size() - place);
    }
  }
  text.resize(bytes);
  return text;
}

std::string_view Noise(size_t offset, size_t bytes) {
  static const std::string noise = [] {
    std::mt19937 random(1);
    std::string text(kNoiseBytes, '\0');
    std::generate(text.begin(), text.end(), [&random] { return static_cast<char>(random()); });
    return text;
  }();
  return std::string_view(noise).substr(offset, bytes);
}

std::string BytesOf(const Pin& pin) {
  std::string bytes;
  for (ValuePieces rest = pin.pieces(); !rest.empty();) {
    bytes.append(rest.TakeFront());
  }
  return bytes;
}

}  // namespace quarry::core
