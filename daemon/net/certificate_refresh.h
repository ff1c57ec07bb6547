#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"
#include "daemon/command/awaited_reply.h"

namespace quarry::net {

/// Has the certificates read again for whoever asks: on one thread, and once in a second for all
/// who have asked by then, since reading takes time and anybody may ask at any rate.
class CertificateRefresh {
 public:
  /// `reload` reads them, and tells whether all went well.
  explicit CertificateRefresh(std::function<bool()> reload) : reload_(std::move(reload)) {}

  /// `verdict` is given the outcome of a reading that begins after this call: the caller sees to it
  /// that Serve is called soon, and about once a second. Any thread.
  void Ask(std::shared_ptr<command::Verdict> verdict) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Reads for those who have asked, unless this has been done in the same second of the clock. On
  /// one thread.
  void Serve(uint32_t now_sec) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Reads for those who have asked, and tells all who ask later that nothing was read. On the
  /// thread of Serve.
  void Finish() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Verdicts = std::vector<std::shared_ptr<command::Verdict>>;

  Verdicts TakeAsking() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadFor(const Verdicts& verdicts);

  const std::function<bool()> reload_;
  std::optional<uint32_t> read_at_sec_;  // of the thread of Serve

  Mutex mutex_;
  Verdicts asking_ ABSL_GUARDED_BY(mutex_);
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quarry::net
