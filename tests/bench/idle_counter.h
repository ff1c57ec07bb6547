#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace quarry::bench {

/// The CPU time in nanoseconds that a server has spun away with nothing to do, in a file that it
/// shares with who measures it. One process writes and any may read; a counter lives on one thread.
class IdleCounter {
 public:
  /// Opens the counter in the file at `path`, or makes it. Nothing, with the reason in *error,
  /// where that is not possible.
  static std::unique_ptr<IdleCounter> Open(const std::string& path, std::string* error);

  ~IdleCounter();
  IdleCounter(const IdleCounter&) = delete;
  IdleCounter& operator=(const IdleCounter&) = delete;

  // Relaxed: the number stands for itself.
  void Add(uint64_t ns) { ns_->fetch_add(ns, std::memory_order_relaxed); }
  uint64_t Ns() const { return ns_->load(std::memory_order_relaxed); }

 private:
  static_assert(std::atomic<uint64_t>::is_always_lock_free, "two processes share it");
  using Number = std::atomic<uint64_t>;

  explicit IdleCounter(Number* ns) : ns_(ns) {}

  Number* const ns_;  // in a mapping of its own
};

}  // namespace quarry::bench
