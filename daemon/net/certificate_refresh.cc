#include "daemon/net/certificate_refresh.h"

namespace quarry::net {

void CertificateRefresh::Ask(std::shared_ptr<command::Verdict> verdict) {
  {
    const MutexLock lock(mutex_);
    if (!is_finished_) {
      asking_.push_back(std::move(verdict));
      return;
    }
  }
  verdict->Give(false);
}

void CertificateRefresh::Serve(uint32_t now_sec) {
  if (read_at_sec_ == now_sec) {
    return;
  }
  const Verdicts verdicts = TakeAsking();
  if (!verdicts.empty()) {
    read_at_sec_ = now_sec;
    ReadFor(verdicts);
  }
}

void CertificateRefresh::Finish() {
  {
    const MutexLock lock(mutex_);
    is_finished_ = true;
  }
  if (const Verdicts verdicts = TakeAsking(); !verdicts.empty()) {
    ReadFor(verdicts);
  }
}

CertificateRefresh::Verdicts CertificateRefresh::TakeAsking() {
  const MutexLock lock(mutex_);
  return std::exchange(asking_, {});
}

void CertificateRefresh::ReadFor(const Verdicts& verdicts) {
  const bool all_went_well = reload_();
  for (const auto& verdict : verdicts) {
    verdict->Give(all_went_well);
  }
}

}  // namespace quarry::net
