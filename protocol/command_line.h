#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/request.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// A whole command line in what is buffered, and the ways in which its parsing ends.
///
///     input     |set key 0 0 5\r\n|value\r\n|next requests...|
///               |<- line_bytes -->|
///     arguments      |key 0 0 5|
struct CommandLine {
  std::string_view input = {};      ///< all that is buffered, from the line's first byte on
  size_t line_bytes = 0;            ///< of the line, its end included
  std::string_view arguments = {};  ///< what follows the command's name, with no space around it
};

/// The request is whole.
ParseResult Accept(const CommandLine& line);

/// The line is answered with `error`, silently where `quiet`, and its bytes are all that goes.
ParseResult Refuse(const CommandLine& line, Error error, bool quiet, Request& request);

/// The same for a store whose length is unknown: whatever follows may be its body.
ParseResult RefuseUnknownBody(const CommandLine& line, bool quiet, Request& request);

/// The same for a store that announced a body of request.value_bytes: the body is dropped.
ParseResult RefuseBody(const CommandLine& line, Error error, bool quiet, Request& request);

/// The length of a store's body; nullopt when it is none or above what memcached's protocol allows.
std::optional<uint64_t> ParseValueBytes(std::string_view digits);

/// Ends a valid store: gives it its body, or says that it is not all there.
ParseResult TakeBody(const CommandLine& line, Request& request);

}  // namespace quarry::protocol
