#include "tests/bench/engine/hold_walk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace quarry::bench {
namespace {

constexpr uint64_t kSmallBytes = 100;
constexpr uint64_t kMediumBytes = 20'000;
constexpr uint64_t kMegabyteBytes = 1'000'000;
constexpr uint64_t kHugeBytes = 40'000'000;
constexpr uint64_t kHugeCount = 8;
constexpr uint64_t kTicksPerSecond = 100'000;
constexpr uint32_t kTtlSec = 1'000;
/// More than it takes Engine::Maintain to come round.
constexpr int kMaintainCalls = 300;
constexpr int kStatsCalls = 100;

}  // namespace

std::span<const HoldWalk::Phase> HoldWalk::Phases() {
  using W = HoldWalk;
  static constexpr std::array kPhases = {
      Phase{"10 B into empty memory: the index grows", &W::StartAnew, &W::GrowIndex},
      Phase{"100 B into empty memory", &W::StartAnew, &W::Fill},
      Phase{"100 B, evicting", &W::StayAsItIs, &W::Evict},
      Phase{"sizes shift from 100 B to 1000 B", &W::StayAsItIs, &W::ShiftTo1000},
      Phase{"from 1000 B to 300 to 3000 B", &W::StayAsItIs, &W::ShiftTo300To3000},
      Phase{"from 300 to 3000 B to 60 B", &W::StayAsItIs, &W::ShiftTo60},
      Phase{"20 KB over items of 100 B", &W::FillWithSmall, &W::StoreMedium},
      Phase{"1 MB over items of 100 B", &W::FillWithSmall, &W::StoreMegabytes},
      Phase{"40 MB over items of 100 B", &W::FillWithSmall, &W::StoreHuge},
      Phase{"all items of 100 B deleted", &W::FillWithSmall, &W::DeleteAll},
      Phase{"all expired, and maintained", &W::FillWithExpiring, &W::ExpireAll},
      Phase{"all flushed, and maintained", &W::FillWithSmall, &W::FlushAll},
      Phase{"statistics of a full memory", &W::FillWithSmall, &W::ReadStats},
  };
  return kPhases;
}

HoldWalk::HoldWalk(const HoldOptions& options)
    : options_(options),
      memory_bytes_(options.memory_mb << 20),
      value_(core::kMaxSmallValueBytes, 'v') {
  StartAnew();
}

void HoldWalk::StartAnew() {
  engine_.reset();  // first: two would be too much for a small machine
  core::EngineOptions options;
  options.memory_bytes = memory_bytes_;
  options.max_item_bytes = core::EngineOptions::kMaxItemLimitBytes;
  options.shard_count = options_.shard_count;
  options.hash_seed = 1;  // so that every run does the same
  auto created = core::Engine::Create(options);
  if (created.ok()) {
    engine_ = *std::move(created);
  } else {
    failure_ = std::string(created.status().message());
  }
}

void HoldWalk::FillWithSmall() {
  SetMany(Fitting(kSmallBytes), kSmallBytes);
}

void HoldWalk::FillWithExpiring() {
  for (uint64_t left = Fitting(kSmallBytes); left > 0; --left) {
    Set(next_number_++, kSmallBytes, now_.ceil_sec + kTtlSec);
  }
}

void HoldWalk::GrowIndex() {
  SetMany(Fitting(10), 10);
}

void HoldWalk::Fill() {
  SetMany(Fitting(kSmallBytes) * 9 / 10, kSmallBytes);
}

void HoldWalk::Evict() {
  SetMany(Fitting(kSmallBytes), kSmallBytes);
}

void HoldWalk::StoreMedium() {
  SetMany(2 * Fitting(kMediumBytes), kMediumBytes);
}

void HoldWalk::StoreMegabytes() {
  SetMany(2 * Fitting(kMegabyteBytes), kMegabyteBytes);
}

void HoldWalk::StoreHuge() {
  SetMany(kHugeCount, kHugeBytes);
}

void HoldWalk::DeleteAll() {
  call_ = "delete";
  const uint64_t count = std::min(next_number_, 2 * Fitting(kSmallBytes));
  for (uint64_t number = next_number_ - count; number < next_number_; ++number) {
    engine_->Delete(engine_->MakeKey(key_.Of(number)), {}, now_);
    Tick();
  }
}

void HoldWalk::ExpireAll() {
  now_.floor_sec += 2 * kTtlSec;
  now_.ceil_sec += 2 * kTtlSec;
  MaintainAll();
}

void HoldWalk::FlushAll() {
  call_ = "flush";
  engine_->Flush(kNever, now_);
  MaintainAll();
}

void HoldWalk::ReadStats() {
  call_ = "statistics";
  for (int i = 0; i < kStatsCalls; ++i) {
    engine_->Stats(now_);
  }
}

void HoldWalk::SetMany(uint64_t count, uint64_t value_bytes) {
  for (; count > 0; --count) {
    Set(next_number_++, value_bytes);
  }
}

void HoldWalk::Shift(uint64_t min_bytes, uint64_t max_bytes) {
  const uint64_t fitting = Fitting((min_bytes + max_bytes) / 2);
  for (uint64_t count = 2 * fitting; count > 0; --count) {
    Set(next_number_++, min_bytes + random_.Below(max_bytes - min_bytes + 1));
    Get(next_number_ - 1 - random_.Below(std::min(next_number_, fitting)));
  }
}

void HoldWalk::MaintainAll() {
  call_ = "maintain";
  for (int i = 0; i < kMaintainCalls; ++i) {
    engine_->Maintain(now_);
    ++now_.floor_sec;
    ++now_.ceil_sec;
  }
}

void HoldWalk::Set(uint64_t number, uint64_t value_bytes, Expiry expiry) {
  const core::Key key = engine_->MakeKey(key_.Of(number));
  if (value_bytes > value_.size()) {
    SetLarge(key, value_bytes);
  } else {
    call_ = "set";
    const auto result = engine_->Store(key, {.expiry = expiry}, {value_.data(), value_bytes}, now_);
    if (result.outcome != core::StoreOutcome::kStored) {
      failure_ = "the engine refused a set";
    }
  }
  Tick();
}

void HoldWalk::SetLarge(const core::Key& key, uint64_t value_bytes) {
  call_ = "begin of an upload";
  core::Upload upload = engine_->BeginUpload(key, value_bytes, now_);
  call_ = "page for an upload";
  while (upload && upload.remaining_bytes() > 0) {
    std::array<std::span<char>, 1> spaces;
    if (upload.Space(spaces, upload.remaining_bytes()) == 0) {
      break;
    }
    std::memset(spaces[0].data(), 'v', spaces[0].size());
    upload.Advance(spaces[0].size());
  }
  if (!upload || upload.remaining_bytes() > 0) {
    failure_ = "the engine has no memory for an upload";
    return;
  }
  call_ = "commit of an upload";
  if (engine_->Store(key, {}, std::move(upload), now_).outcome != core::StoreOutcome::kStored) {
    failure_ = "the engine refused an upload";
  }
}

void HoldWalk::Get(uint64_t number) {
  call_ = "get";
  std::array<char, core::kMaxSmallValueBytes> reply;  // NOLINT(*-member-init): written by a hit
  core::Pin pin;
  engine_->Get(engine_->MakeKey(key_.Of(number)), {}, now_,
               [&reply, &pin](const core::Fetched& fetched, core::Pin fetched_pin) {
                 fetched.item.value.copy(reply.data(), reply.size());
                 pin = std::move(fetched_pin);
               });
  Tick();
}

void HoldWalk::Tick() {
  if (++ticks_ % kTicksPerSecond == 0) {
    ++now_.floor_sec;
    ++now_.ceil_sec;
  }
}

}  // namespace quarry::bench
