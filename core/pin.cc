#include "core/pin.h"

#include "core/engine.h"

namespace quarry::core {

Pin::Pin(Engine* engine, uint32_t shard, uint32_t handle)
    : engine_(engine), shard_(shard), handle_(handle), pieces_(engine->PiecesOf(handle)) {}

void Pin::Drop() {
  engine_->Unpin(shard_, handle_);
}

}  // namespace quarry::core
