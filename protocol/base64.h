#pragma once

#include <cstddef>
#include <string_view>

namespace quarry::protocol {

/// Base64 with the standard alphabet and mandatory padding (RFC 4648, section 4), as meta's b flag
/// uses it for binary keys.

/// The length of the text of `bytes` bytes.
constexpr size_t Base64Chars(size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

/// An upper bound of the bytes that a text of `chars` characters stands for.
constexpr size_t Base64Bytes(size_t chars) {
  return chars / 4 * 3;
}

/// Writes the text of `bytes` at `out` (room for Base64Chars) and returns its end.
char* EncodeBase64(char* out, std::string_view bytes);

/// Writes what `text` stands for at `out` (room for Base64Bytes) and returns its end; nullptr when
/// `text` is not base64 or stands for nothing. Bits that the last character has too many are
/// ignored, so that a few texts may name one key.
char* DecodeBase64(char* out, std::string_view text);

}  // namespace quarry::protocol
