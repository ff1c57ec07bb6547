#include "core/admission.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

void AdmissionTicket::Leave() {
  admission_->Release(*this);
}

bool AdmissionTicket::HandOver() {
  return admission_ != nullptr && admission_->HandOver(*this);
}

bool Admission::Admit(AdmissionTicket& ticket, ClaimKind kind, uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (ticket.admission_ != nullptr) {
    QUARRY_CHECK(ticket.admission_ == this);
    if (ticket.kind_ == kind && ticket.bytes_ == bytes) {
      return ticket.admitted_;
    }
    Leave(ticket);
  }
  ticket.admission_ = this;
  ticket.kind_ = kind;
  ticket.bytes_ = bytes;
  if (!has_waiters() && Judge(kind, bytes) == Fit::kFits) {
    ticket.admitted_ = true;
    claimed_bytes_[IndexOf(kind)] += bytes;
    PublishHeadroom();
    return true;
  }
  ticket.number_ = next_number_++;
  queues_[QueueOf(kind, bytes)].push_back(&ticket);
  AdmitWaiters(&ticket);
  return ticket.admitted_;
}

void Admission::Take(ClaimKind kind, uint64_t bytes) {
  const MutexLock lock(mutex_);
  claimed_bytes_[IndexOf(kind)] += bytes;
  PublishHeadroom();
}

void Admission::GiveBack(ClaimKind kind, uint64_t bytes) {
  const MutexLock lock(mutex_);
  QUARRY_CHECK(claimed_bytes_[IndexOf(kind)] >= bytes);
  claimed_bytes_[IndexOf(kind)] -= bytes;
  TellWaiters();
}

void Admission::SetShares(uint64_t upload_share_bytes, uint64_t total_bytes) {
  const MutexLock lock(mutex_);
  if (upload_share_bytes_ != upload_share_bytes || total_bytes_ != total_bytes) {
    upload_share_bytes_ = upload_share_bytes;
    total_bytes_ = total_bytes;
    TellWaiters();
  }
}

uint64_t Admission::claimed_bytes(ClaimKind kind) const {
  const MutexLock lock(mutex_);
  return claimed_bytes_[IndexOf(kind)];
}

void Admission::Release(AdmissionTicket& ticket) {
  const MutexLock lock(mutex_);
  Leave(ticket);
  TellWaiters();
}

bool Admission::HandOver(AdmissionTicket& ticket) {
  const MutexLock lock(mutex_);
  if (!ticket.admitted_) {
    return false;
  }
  ticket.admission_ = nullptr;
  ticket.admitted_ = false;
  return true;
}

void Admission::Leave(AdmissionTicket& ticket) {
  if (ticket.admitted_) {
    claimed_bytes_[IndexOf(ticket.kind_)] -= ticket.bytes_;
  } else {
    Queue& queue = queues_[QueueOf(ticket.kind_, ticket.bytes_)];
    queue.erase(std::find(queue.begin(), queue.end(), &ticket));
  }
  ticket.admission_ = nullptr;
  ticket.admitted_ = false;
}

uint64_t Admission::ShareOf(ClaimKind kind) const {
  if (kind == ClaimKind::kUpload) {
    return upload_share_bytes_;
  }
  return total_bytes_ > upload_share_bytes_ ? total_bytes_ - upload_share_bytes_ : 0;
}

Admission::Fit Admission::Judge(ClaimKind kind, uint64_t bytes) const {
  const uint64_t all =
      claimed_bytes_[IndexOf(ClaimKind::kUpload)] + claimed_bytes_[IndexOf(ClaimKind::kPin)];
  if (all == 0) {
    return Fit::kFits;
  }
  const uint64_t own = claimed_bytes_[IndexOf(kind)];
  const uint64_t share = ShareOf(kind);
  const uint64_t usable = bytes <= kSmallClaimBytes ? share : share - share / 4;
  if (own != 0 && own + bytes > usable) {
    return Fit::kShareTaken;
  }
  return all + bytes <= total_bytes_ ? Fit::kFits : Fit::kTotalTaken;
}

Admission::Queue* Admission::OldestQueue(const std::array<bool, kClaimKinds * kSizes>& stopped) {
  Queue* oldest = nullptr;
  for (size_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = queues_[i];
    if (!stopped[i] && !queue.empty() &&
        (oldest == nullptr || queue.front()->number_ < oldest->front()->number_)) {
      oldest = &queue;
    }
  }
  return oldest;
}

/// There is more room, or fewer wait for it.
void Admission::TellWaiters() {
  if (has_waiters()) {
    AdmitWaiters(nullptr);
  } else {
    PublishHeadroom();
  }
}

/// Goes through the claims in the order of their arrival. One that finds its share taken stops
/// those of its own queue; one that finds the total taken stops the large ones of both kinds, since
/// any of them would take what it waits for.
void Admission::AdmitWaiters(const AdmissionTicket* asking) {
  std::array<bool, kClaimKinds * kSizes> stopped{};
  std::array<bool, kClaimKinds> awaited{};
  while (Queue* queue = OldestQueue(stopped)) {
    AdmissionTicket& ticket = *queue->front();
    const Fit fit = Judge(ticket.kind_, ticket.bytes_);
    if (fit == Fit::kFits) {
      queue->pop_front();
      ticket.admitted_ = true;
      claimed_bytes_[IndexOf(ticket.kind_)] += ticket.bytes_;
      if (&ticket != asking) {
        ticket.wake_();
      }
      continue;
    }
    stopped[QueueOf(ticket.kind_, ticket.bytes_)] = true;
    awaited[IndexOf(ticket.kind_)] = true;
    if (fit == Fit::kTotalTaken) {
      awaited.fill(true);
      stopped[QueueOf(ClaimKind::kUpload, UINT64_MAX)] = true;
      stopped[QueueOf(ClaimKind::kPin, UINT64_MAX)] = true;
    }
  }
  for (size_t i = 0; i < kClaimKinds; ++i) {
    awaited_[i].store(awaited[i], std::memory_order_relaxed);
  }
  PublishHeadroom();
}

void Admission::PublishHeadroom() {
  const uint64_t share = ShareOf(ClaimKind::kPin);
  const uint64_t usable = share - share / 4;
  const uint64_t taken = claimed_bytes_[IndexOf(ClaimKind::kPin)];
  const bool open = usable > taken && !IsAwaited(ClaimKind::kPin);
  pin_headroom_.store(open ? usable - taken : 0, std::memory_order_relaxed);
}

}  // namespace quarry::core
