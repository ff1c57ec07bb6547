#include "daemon/command/batch.h"

namespace quarry::command {

void Batch::PrefetchAll() {
  for (size_t i = 0; i < size_; ++i) {
    if (!keys_[i].bytes.empty()) {
      engine_.PrefetchItem(keys_[i]);
    }
  }
}

}  // namespace quarry::command
