// Large values: what they claim of the memory, how they arrive, and how they are pinned.

#include <algorithm>
#include <array>
#include <cstring>

#include <absl/cleanup/cleanup.h>

#include "core/base/check.h"
#include "core/engine.h"

namespace quarry::core {
namespace {

// The numbers of all pages and parts have room in the block of a head.
static_assert(LargeHeadBytes(kMaxKeyBytes, EngineOptions::kMaxItemLimitBytes / kPageBytes + 1,
                             LargePlan::kMaxParts) <= kBlockBytes);

// How often one call has a page emptied for an upload, or its memory given by the system.
constexpr int kMaxObtained = 4;

// Of pages that nobody has it takes so many at once, wanted or not: then they lie side by side, and
// the system copies to and from several as to one.
constexpr uint32_t kPagesInARow = 16;

/// Makes `maximum` at least `value`.
void RaiseTo(std::atomic<uint64_t>& maximum, uint64_t value) {
  uint64_t seen = maximum.load(std::memory_order_relaxed);
  while (seen < value && !maximum.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

/// Writes `bytes` to an upload; false if it found no memory.
bool WriteTo(Upload& upload, std::string_view bytes) {
  while (!bytes.empty()) {
    std::array<std::span<char>, 1> space;
    if (upload.Space(space, bytes.size()) == 0) {
      return false;
    }
    const size_t count = std::min(space[0].size(), bytes.size());
    std::memcpy(space[0].data(), bytes.data(), count);
    upload.Advance(count);
    bytes.remove_prefix(count);
  }
  return true;
}

}  // namespace

uint64_t Engine::ClaimBytes(uint64_t value_bytes) const {
  return SlabClasses::MostPagesOf(value_bytes) * kPageBytes;
}

uint64_t Engine::UnclaimedBytes() const {
  const uint32_t index_pages = std::max(pool_.index_page_count(), shard_count() * kLeastIndexPages);
  return memory_limit() / kUnclaimedPart + index_pages * kPageBytes;
}

uint64_t Engine::ClaimableBytes() const {
  const uint64_t limit_bytes = memory_limit();
  const uint64_t unclaimed_bytes = UnclaimedBytes();
  return limit_bytes > unclaimed_bytes ? limit_bytes - unclaimed_bytes : 0;
}

/// A quarter, or so much that the largest value fits the three quarters of it that large claims may
/// use.
uint64_t Engine::UploadShareBytes() const {
  return std::max(memory_limit() / 4,
                  (options_.max_item_bytes + SlabClasses::kMaxChunkPages * kPageBytes) / 3 * 4 + 4);
}

bool Engine::AdmitUpload(AdmissionTicket& ticket, uint64_t value_bytes) {
  UpdateAdmission();
  return admission_.Admit(ticket, ClaimKind::kUpload, ClaimBytes(value_bytes));
}

bool Engine::AdmitPinOf(Shard& shard, const Key& key, const GetOptions& options, Instant now,
                        AdmissionTicket& ticket) {
  const uint64_t value_bytes = shard.BytesToPin(key, options, now);
  if (value_bytes == 0) {
    ticket.Release();
    return true;
  }
  UpdateAdmission();
  return admission_.Admit(ticket, ClaimKind::kPin, ClaimBytes(value_bytes));
}

void Engine::ClaimPin(Handle head, AdmissionTicket& ticket) {
  if (LargeAt(head).pin_count == 1 && !ticket.HandOver()) {
    admission_.Take(ClaimKind::kPin, ClaimBytes(LargeAt(head).value_bytes));
  }
}

Upload Engine::BeginUpload(const Key& key, uint64_t value_bytes, Instant now) {
  RaiseTo(largest_claim_bytes_, ClaimBytes(value_bytes));
  const LargePlan plan = classes_.PlanFor(key.bytes.size(), value_bytes);
  LargeChunks chunks;
  const auto head = Run(ShardFor(key), now, [&](Shard& shard, PageGrant& pages) {
    shard.mutex().AssertHeld();
    return shard.AllocateLarge(key, value_bytes, plan, now, chunks, pages);
  });
  Upload upload;
  if (!head) {
    Shard& shard = ShardFor(key);
    const MutexLock lock(shard.mutex());
    shard.FreeChunks(chunks);
  } else {
    upload.engine_ = this;
    upload.shard_ = ShardIndexFor(key);
    upload.handle_ = *head;
    upload.page_count_end_ = plan.page_count_beside_head();
    upload.value_bytes_ = value_bytes;
    upload.rest_ = PiecesOf(*head);
    upload.started_ = now;
  }
  return upload;
}

StoreResult Engine::Store(const Key& key, const StoreOptions& options, Upload upload, Instant now) {
  QUARRY_CHECK(upload && upload.remaining_bytes() == 0);
  const uint64_t value_bytes = upload.value_bytes_;
  const StoreResult result =
      options.joins() ? Join(key, options, upload, now) : Commit(key, options, upload, 0, now);
  if (result.outcome == StoreOutcome::kNoMemory) {
    RefuseNoMemory(key, options, value_bytes, now);
  }
  return result;
}

StoreResult Engine::Join(const Key& key, const StoreOptions& options, Upload& upload, Instant now) {
  std::vector<std::string_view> added;
  for (ValuePieces pieces = PiecesOf(upload.handle_); !pieces.empty();) {
    added.push_back(pieces.TakeFront());
  }
  uint64_t copied_bytes = 0;
  StoreResult result{.outcome = StoreOutcome::kNoMemory};
  bool is_settled = false;
  for (int tries = 0; tries < kMaxJoinAttempts && !is_settled; ++tries) {
    const JoinAttempt join = TryJoin(key, options, added, now);
    copied_bytes += join.copied_bytes;
    if (join.result) {
      result = *join.result;
      is_settled = true;
    } else if (!join.exists) {
      const StoreResult committed = Commit(key, options, upload, 0, now);
      is_settled = committed.outcome != StoreOutcome::kExists;
      result = is_settled ? committed : result;
    }
  }
  result.copied_bytes = copied_bytes;
  return result;
}

StoreResult Engine::Commit(const Key& key, const StoreOptions& options, Upload& upload,
                           uint64_t expected_sequence, Instant now) {
  const auto result = Run(ShardFor(key), now, [&](Shard& shard, PageGrant& pages) {
    shard.mutex().AssertHeld();
    return shard.CommitLarge(key, options, upload.handle_, expected_sequence, now, pages);
  });
  if (result && result->outcome == StoreOutcome::kStored) {
    upload.engine_ = nullptr;  // the item is the shard's now
  }
  return result.value_or(StoreResult{.outcome = StoreOutcome::kNoMemory});
}

Engine::JoinAttempt Engine::TryJoin(const Key& key, const StoreOptions& options,
                                    std::span<const std::string_view> added, Instant now) {
  const MutexLock join_lock(join_mutexes_[key.hash % kJoinMutexes]);
  std::array<char, kMaxSmallValueBytes> small_value{};
  Shard::AppendBase base;
  Pin pin;
  {
    PageGrant pages(pool_);
    Shard& shard = ShardFor(key);
    const MutexLock lock(shard.mutex());
    base = shard.FindForAppend(key, options, now, small_value.data(), pages);
    if (base.pinned != kNoHandle) {
      AdmissionTicket none;
      ClaimPin(base.pinned, none);  // for no longer than it takes to copy
      pin = Pin(this, ShardIndexFor(key), base.pinned);
    }
  }
  JoinAttempt attempt;
  attempt.exists = base.found;
  if (!base.found) {
    return attempt;
  }
  if (!base.cas_matches) {
    attempt.result = {.outcome = StoreOutcome::kExists};
    return attempt;
  }
  uint64_t value_bytes = base.value_bytes;
  for (const std::string_view piece : added) {
    value_bytes += piece.size();
  }
  if (IsTooLarge(key.bytes.size(), value_bytes)) {
    RefuseTooLarge(key, options, now);
    attempt.result = {.outcome = StoreOutcome::kTooLarge};
    return attempt;
  }

  // For no longer than it takes to copy, so it is not asked for.
  const uint64_t claim_bytes = ClaimBytes(value_bytes);
  admission_.Take(ClaimKind::kUpload, claim_bytes);
  const absl::Cleanup give_back = [this, claim_bytes] {
    admission_.GiveBack(ClaimKind::kUpload, claim_bytes);
  };
  Upload upload = BeginUpload(key, value_bytes, now);
  bool written = static_cast<bool>(upload);
  const auto write_added = [&] {
    for (const std::string_view piece : added) {
      written = written && WriteTo(upload, piece);
    }
  };
  if (options.mode == StoreMode::kPrepend) {
    write_added();
  }
  for (ValuePieces rest = pin.pieces(); written && !rest.empty();) {
    written = WriteTo(upload, rest.TakeFront());
  }
  if (!pin) {
    written = written && WriteTo(upload, {small_value.data(), base.value_bytes});
  }
  if (options.mode == StoreMode::kAppend) {
    write_added();
  }
  attempt.copied_bytes = upload ? value_bytes - upload.remaining_bytes() : 0;
  if (!written) {
    attempt.result = {.outcome = StoreOutcome::kNoMemory};
    return attempt;
  }
  const StoreResult result = Commit(key, options, upload, base.sequence, now);
  if (result.outcome != StoreOutcome::kExists) {  // else somebody has changed the item since
    attempt.result = result;
  }
  return attempt;
}

void Engine::TakeValuePages(uint32_t wanted_count, Upload& upload) {
  LargeValue& value = LargeAt(upload.handle_);
  const uint32_t end = std::min(wanted_count, upload.page_count_end_);
  for (int obtained = 0; upload.page_count_ < end;) {
    const uint32_t row_rest = kPagesInARow - upload.page_count_ % kPagesInARow;
    const std::span pages(value.pages() + upload.page_count_,
                          std::min(row_rest, upload.page_count_end_ - upload.page_count_));
    size_t count = pool_.TakeReady(pages);
    if (count == 0) {
      PageGrant grant(pool_);
      if (obtained == kMaxObtained || !Obtain(grant, upload.started_)) {
        return;
      }
      ++obtained;
      count = grant.TakeOwn(pages);
    }
    upload.page_count_ += static_cast<uint32_t>(count);
  }
}

void Engine::DropUpload(const Upload& upload) {
  PageGrant pages(pool_);
  Shard& shard = *shards_[upload.shard_];
  const MutexLock lock(shard.mutex());
  shard.FreeUpload(upload.handle_, upload.page_count_, pages);
}

void Engine::Unpin(uint32_t shard_index, Handle head) {
  uint64_t claim_bytes = 0;
  {
    PageGrant pages(pool_);
    Shard& shard = *shards_[shard_index];
    const MutexLock lock(shard.mutex());
    if (LargeAt(head).pin_count == 1) {
      claim_bytes = ClaimBytes(LargeAt(head).value_bytes);
    }
    shard.Unpin(head, pages);
  }
  // The pages are in the pool before anybody is told that there is room.
  if (claim_bytes > 0) {
    admission_.GiveBack(ClaimKind::kPin, claim_bytes);
  }
}

}  // namespace quarry::core
