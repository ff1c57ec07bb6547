#include "core/pin.h"

#include "core/engine.h"

namespace quarry::core {

Pin::Pin(Engine* engine, uint32_t shard, uint32_t handle)
    : engine_(engine), shard_(shard), handle_(handle), value_(&engine->LargeAt(handle)) {}

size_t Pin::segment_count() const {
  return value_->segment_count;
}

std::string_view Pin::segment(size_t index) const {
  return engine_->SegmentBytes(value_->segments[index]);
}

uint64_t Pin::value_bytes() const {
  return value_->value_bytes;
}

void Pin::Drop() {
  engine_->Unpin(shard_, handle_);
}

}  // namespace quarry::core
