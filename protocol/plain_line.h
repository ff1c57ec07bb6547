#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/request.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {

/// The lines that come most often, in one pass each: `get` with one key, and `set` with its value
/// behind it; single spaces, CRLF, small numbers. Whatever else there is gets the general parser,
/// which leaves the same requests for these.

/// Takes a key and the space or line feed behind it from the front of `text`: returns the key, with
/// the CR of a line end, and in `stop` what ended it. Empty if there is none.
inline std::string_view TakePlainKey(std::string_view& text, char& stop) {
  const std::string_view window = text.substr(0, kMaxKeyBytes + 2);
  const size_t end = FindFirst<' ', '\n'>(window);
  if (end == window.size()) {
    return {};
  }
  stop = window[end];
  text.remove_prefix(end + 1);
  return window.substr(0, end);
}

/// Takes a number of up to nine digits, and the `end` behind it, from the front of `text`.
inline bool TakePlainNumber(std::string_view& text, char end, uint32_t& number) {
  constexpr size_t kMaxDigits = 9;
  uint32_t value = 0;
  size_t count = 0;
  for (; count < text.size() && count <= kMaxDigits; ++count) {
    const auto digit = static_cast<uint32_t>(static_cast<unsigned char>(text[count])) - '0';
    if (digit > 9) {
      break;
    }
    value = value * 10 + digit;
  }
  if (count == 0 || count > kMaxDigits || count == text.size() || text[count] != end) {
    return false;
  }
  number = value;
  text.remove_prefix(count + 1);
  return true;
}

inline bool TakePlainGet(std::string_view& text, Request& request) {
  static constexpr Request kGet = {.op = Op::kGet, .want_value = true, .ends_line = true};
  char stop = 0;
  const std::string_view key = TakePlainKey(text, stop);
  if (key.size() < 2 || stop != '\n' || key.back() != '\r') {
    return false;
  }
  request = kGet;
  request.key = key.substr(0, key.size() - 1);
  return true;
}

inline bool TakePlainSet(std::string_view& text, Request& request) {
  static constexpr Request kSet = {.op = Op::kStore};
  constexpr std::string_view kEnd = "\r\n";
  char stop = 0;
  const std::string_view key = TakePlainKey(text, stop);
  uint32_t client_flags = 0;
  uint32_t exptime = 0;
  uint32_t value_bytes = 0;
  if (key.empty() || key.size() > kMaxKeyBytes || stop != ' ' ||
      !TakePlainNumber(text, ' ', client_flags) || !TakePlainNumber(text, ' ', exptime) ||
      !TakePlainNumber(text, '\r', value_bytes) || !text.starts_with('\n')) {
    return false;
  }
  text.remove_prefix(1);
  if (text.size() < value_bytes + kEnd.size() || text.substr(value_bytes, kEnd.size()) != kEnd) {
    return false;
  }
  request = kSet;
  request.key = key;
  request.client_flags = client_flags;
  request.exptime = exptime;
  request.value_bytes = value_bytes;
  request.value = text.substr(0, value_bytes);
  text.remove_prefix(value_bytes + kEnd.size());
  return true;
}

/// Parses such a request and returns its length; 0 for anything else, `request` being as it was.
inline size_t ParsePlainLine(std::string_view input, Request& request) {
  constexpr size_t kNameBytes = 4;  // with the space
  std::string_view text = input.substr(std::min(kNameBytes, input.size()));
  const bool is_plain = (input.starts_with("get ") && TakePlainGet(text, request)) ||
                        (input.starts_with("set ") && TakePlainSet(text, request));
  return is_plain ? input.size() - text.size() : 0;
}

}  // namespace quarry::protocol
