#include "daemon/command/batch.h"

namespace quarry::command {

void Batch::Prepare(const core::Engine& engine) {
  size_t scratch_index = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (!requests_[i].key.empty()) {
      keys_[i] = KeyOf(engine, requests_[i], decoded_keys_[scratch_index++]);
    }
  }
  if (key_count_ < 2) {
    return;
  }
  for (size_t i = 0; i < size_; ++i) {
    if (!requests_[i].key.empty()) {
      engine.PrefetchBucket(keys_[i]);
    }
  }
  for (size_t i = 0; i < size_; ++i) {
    if (!requests_[i].key.empty()) {
      engine.PrefetchItem(keys_[i]);
    }
  }
}

}  // namespace quarry::command
