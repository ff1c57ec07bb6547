#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/binary_parser.h"
#include "protocol/request.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// How requests are written. A connection keeps to the form of its first byte.
enum class WireForm : uint8_t {
  kText,  ///< classic and meta
  kBinary
};

/// What a listener takes.
enum class AcceptedForms : uint8_t {
  kBoth,
  kTextOnly,
  kBinaryOnly
};

/// The form of a connection whose first byte is `first`; nullopt where it is to be closed at once:
/// the magics of binary replies begin nothing that a text reply would mean anything to. Binary
/// alone lets the first packet's header judge itself.
inline std::optional<WireForm> WireFormOf(AcceptedForms accepted, char first) {
  const auto byte = static_cast<uint8_t>(first);
  switch (accepted) {
    case AcceptedForms::kTextOnly:
      return WireForm::kText;
    case AcceptedForms::kBinaryOnly:
      return WireForm::kBinary;
    case AcceptedForms::kBoth:
      break;
  }
  if (byte == kReplyMagic || byte == kReplyMagic + 1) {
    return std::nullopt;
  }
  return byte == kRequestMagic ? WireForm::kBinary : WireForm::kText;
}

/// All that outlives a call of Parse; a connection owns one.
struct ParserState {
  WireForm form = WireForm::kText;
  RetrievalLine line = {};
};

/// ParseText or ParseBinary, as the connection's form has it.
inline ParseResult Parse(std::string_view input, ParserState& state, Request& request) {
  return state.form == WireForm::kText ? ParseText(input, state.line, request)
                                       : ParseBinary(input, request);
}

}  // namespace quarry::protocol
