#pragma once

#include <array>
#include <cstddef>

#include "core/base/check.h"
#include "core/engine.h"
#include "core/operations.h"
#include "protocol/base64.h"
#include "protocol/request.h"
#include "protocol/text_parser.h"

namespace quarry::command {

/// Where a base64 key is decoded.
using KeyScratch = std::array<char, protocol::Base64Bytes(protocol::kMaxKeyBytes)>;

/// The engine's key of `request`, which has one: in `scratch` if it was sent in base64, else where
/// the request has it.
inline core::Key KeyOf(const core::Engine& engine, const protocol::Request& request,
                       KeyScratch& scratch) {
  if (!request.base64_key) [[likely]] {
    return engine.MakeKey(request.key);
  }
  const char* end = protocol::DecodeBase64(scratch.data(), request.key);
  QUARRY_CHECK(end != nullptr);  // The parser lets no other key pass.
  return engine.MakeKey({scratch.data(), static_cast<size_t>(end - scratch.data())});
}

}  // namespace quarry::command
