#include "core/admission.h"

#include <algorithm>

#include "core/base/check.h"

namespace quarry::core {

void AdmissionTicket::Release() {
  if (admission_ != nullptr) {
    admission_->Release(*this);
  }
}

bool Admission::Admit(AdmissionTicket& ticket, uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (ticket.admission_ != nullptr) {
    QUARRY_CHECK(ticket.admission_ == this && ticket.bytes_ == bytes);
    return ticket.admitted_;
  }
  ticket.admission_ = this;
  ticket.bytes_ = bytes;
  auto& queue = bytes <= kSmallClaimBytes ? small_waiters_ : large_waiters_;
  ticket.admitted_ = queue.empty() && Fits(bytes);
  if (ticket.admitted_) {
    admitted_bytes_ += bytes;
  } else {
    queue.push_back(&ticket);
  }
  return ticket.admitted_;
}

uint64_t Admission::admitted_bytes() const {
  const MutexLock lock(mutex_);
  return admitted_bytes_;
}

bool Admission::has_waiters() const {
  const MutexLock lock(mutex_);
  return !small_waiters_.empty() || !large_waiters_.empty();
}

void Admission::Release(AdmissionTicket& ticket) {
  const MutexLock lock(mutex_);
  if (ticket.admitted_) {
    admitted_bytes_ -= ticket.bytes_;
  } else {
    auto& queue = ticket.bytes_ <= kSmallClaimBytes ? small_waiters_ : large_waiters_;
    queue.erase(std::find(queue.begin(), queue.end(), &ticket));
  }
  ticket.admission_ = nullptr;
  ticket.admitted_ = false;
  AdmitWaiters();
}

bool Admission::Fits(uint64_t bytes) const {
  if (admitted_bytes_ == 0) {
    return true;
  }
  const uint64_t share =
      bytes <= kSmallClaimBytes ? capacity_bytes_ : capacity_bytes_ - capacity_bytes_ / 4;
  return admitted_bytes_ + bytes <= share;
}

void Admission::AdmitWaiters() {
  for (auto* queue : {&large_waiters_, &small_waiters_}) {
    while (!queue->empty() && Fits(queue->front()->bytes_)) {
      AdmissionTicket& ticket = *queue->front();
      queue->pop_front();
      ticket.admitted_ = true;
      admitted_bytes_ += ticket.bytes_;
      ticket.wake_();
    }
  }
}

}  // namespace quarry::core
