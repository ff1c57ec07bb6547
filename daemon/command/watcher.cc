#include "daemon/command/watcher.h"

#include <algorithm>

namespace quarry::command {

bool Watcher::Offer(std::string_view line) {
  const MutexLock lock(mutex_);
  const std::string notice =
      skipped_ == 0 ? std::string() : "skipped=" + std::to_string(skipped_) + "\n";
  if (lines_.size() - taken_bytes_ + notice.size() + line.size() > max_bytes_) {
    ++skipped_;
    return false;
  }
  skipped_ = 0;
  lines_.erase(0, std::exchange(taken_bytes_, 0));
  lines_.append(notice).append(line);
  if (std::exchange(waits_, false) && wake_) {
    wake_();
  }
  return true;
}

void Watcher::Close() {
  const MutexLock lock(mutex_);
  wake_ = nullptr;
}

size_t Watcher::Take(std::span<char> room) {
  const MutexLock lock(mutex_);
  const size_t taken = lines_.copy(room.data(), room.size(), taken_bytes_);
  taken_bytes_ += taken;
  if (taken_bytes_ == lines_.size()) {
    std::string().swap(lines_);  // clear would keep the memory
    taken_bytes_ = 0;
  }
  waits_ = taken == 0;
  return taken;
}

}  // namespace quarry::command
