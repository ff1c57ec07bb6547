#include "daemon/command/batch.h"

namespace quarry::command {

void Batch::PrefetchItems() const {
  if (key_count_ < 2) {
    return;
  }
  for (size_t i = 0; i < size_; ++i) {
    if (!requests_[i].key.empty()) {
      engine_.PrefetchItem(keys_[i]);
    }
  }
}

}  // namespace quarry::command
