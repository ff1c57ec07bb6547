#pragma once

#include <array>

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
core::Key KeyOf(const core::Engine& engine, const protocol::Request& request, KeyScratch& scratch);

}  // namespace quarry::command
