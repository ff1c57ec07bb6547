#include "protocol/meta_flags.h"

#include <array>
#include <optional>

#include "core/base/numbers.h"
#include "protocol/base64.h"
#include "protocol/flag_set.h"
#include "protocol/text_parser.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

constexpr FlagSet kKnownFlags{"bcfhklqstuvxCDEFIJLMNOPRT"};

bool IsLetter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/// `bad` unless there is a number, which moves to `field`.
template <typename Number, typename Field>
Error Assign(std::optional<Number> number, Field& field, Error bad) {
  field = number.value_or(0);
  return number.has_value() ? Error::kNone : bad;
}

/// A flag that means something by being there.
void SetSwitch(char letter, Request& request) {
  switch (letter) {
    case 'b':
      request.base64_key = true;
      return;
    case 'q':
      request.quiet = true;
      return;
    case 'u':
      request.bump = false;
      return;
    case 'v':
      request.want_value = true;
      return;
    case 'x':
      request.remove_value = true;
      return;
    case 'I':
      request.invalidate = true;
      return;
    default:  // A return flag, which the reply looks up in the flag tokens; P and L say nothing.
      return;
  }
}

/// T. Behind an N it also decides how long the item that N creates lives; in ms it does not.
Error SetTtl(std::string_view text, Request& request) {
  request.touch = true;
  const Error error = Assign(ParseI32(text), request.exptime, Error::kBadToken);
  if (request.vivify && request.op != Op::kStore) {
    request.vivify_exptime = request.exptime;
  }
  return error;
}

/// A flag that a text, mostly a number, belongs to.
Error SetValue(char letter, std::string_view text, Request& request) {
  switch (letter) {
    case 'C':
      request.compare_cas = true;
      return Assign(ParseU64(text), request.cas, Error::kBadToken);
    case 'D':
      return Assign(ParseU64(text), request.delta, Error::kBadMetaDelta);
    case 'E':
      request.set_cas = true;
      return Assign(ParseU64(text), request.new_cas, Error::kBadToken);
    case 'F':
      request.set_flags = true;
      return Assign(ParseU32(text), request.client_flags, Error::kBadLine);
    case 'J':
      return Assign(ParseU64(text), request.initial, Error::kBadInitial);
    case 'N':
      request.vivify = true;
      return Assign(ParseI32(text), request.vivify_exptime, Error::kBadToken);
    case 'O':
      return text.size() <= kMaxOpaqueBytes ? Error::kNone : Error::kOpaqueTooLong;
    case 'R':
      request.recache = true;
      request.touch_first = request.touch;
      return Assign(ParseI32(text), request.recache_sec, Error::kBadToken);
    case 'T':
      return SetTtl(text, request);
    default:
      SetSwitch(letter, request);
      return Error::kNone;
  }
}

/// The text of M in ms.
Error SetStoreMode(std::string_view mode, Request& request) {
  constexpr std::string_view kLetters = "SERAP";
  constexpr std::array kModes = {StoreMode::kSet, StoreMode::kAdd, StoreMode::kReplace,
                                 StoreMode::kAppend, StoreMode::kPrepend};
  const size_t index = mode.size() == 1 ? kLetters.find(mode) : std::string_view::npos;
  if (index == std::string_view::npos) {
    return Error::kBadStoreMode;
  }
  request.mode = kModes[index];
  return Error::kNone;
}

/// The text of M in ma.
Error SetArithmeticMode(std::string_view mode, Request& request) {
  request.decrement = mode == "D" || mode == "-";
  return request.decrement || mode == "I" || mode == "+" ? Error::kNone : Error::kBadArithmeticMode;
}

Error SetMode(std::string_view mode, Request& request) {
  switch (request.op) {
    case Op::kStore:
      return SetStoreMode(mode, request);
    case Op::kArithmetic:
      return SetArithmeticMode(mode, request);
    default:
      return Error::kNone;
  }
}

bool IsBase64Key(std::string_view key) {
  std::array<char, Base64Bytes(kMaxKeyBytes)> bytes{};
  return DecodeBase64(bytes.data(), key) != nullptr;
}

}  // namespace

Error ParseMetaFlags(std::string_view flag_tokens, Request& request) {
  FlagSet seen;
  std::optional<std::string_view> mode;
  Tokenizer tokens(flag_tokens);
  for (std::string_view token = tokens.Next(); !token.empty(); token = tokens.Next()) {
    const char letter = token.front();
    if (!kKnownFlags.Contains(letter)) {
      return IsLetter(letter) ? Error::kInvalidFlag : Error::kBadLine;
    }
    if (seen.Contains(letter)) {
      return Error::kDuplicateFlag;
    }
    seen.Add(letter);
    if (letter == 'M') {
      mode = token.substr(1);
    }
    const Error error = SetValue(letter, token.substr(1), request);
    if (error != Error::kNone) {
      return error;
    }
  }
  if (request.base64_key && !IsBase64Key(request.key)) {
    return Error::kBadBase64Key;
  }
  return mode.has_value() ? SetMode(*mode, request) : Error::kNone;
}

}  // namespace quarry::protocol
