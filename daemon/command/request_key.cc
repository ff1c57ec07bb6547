#include "daemon/command/request_key.h"

#include <cstddef>
#include <string_view>

#include "core/base/check.h"

namespace quarry::command {

core::Key KeyOf(const core::Engine& engine, const protocol::Request& request, KeyScratch& scratch) {
  if (!request.base64_key) {
    return engine.MakeKey(request.key);
  }
  const char* end = protocol::DecodeBase64(scratch.data(), request.key);
  QUARRY_CHECK(end != nullptr);  // The parser lets no other key pass.
  return engine.MakeKey({scratch.data(), static_cast<size_t>(end - scratch.data())});
}

}  // namespace quarry::command
