#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/request.h"

namespace quarry::protocol {

/// Longest command line that is waited for without its end. A retrieval line may be longer: its
/// keys are then streamed, one by one.
inline constexpr size_t kMaxLineBytes = 2048;

/// Longest text of a meta opaque, behind its O.
inline constexpr size_t kMaxOpaqueBytes = 31;

/// Where in a classic retrieval line the parser stands: the only thing that outlives a call. A
/// connection owns one and passes it to each call; it starts inactive.
struct RetrievalLine {
  const Request* prototype = nullptr;  ///< the command's, which lives as long as the program
  int32_t exptime = 0;                 ///< of all keys of a gat or gats
  bool active = false;                 ///< the next bytes are further keys of a line that has begun
  bool skip_to_end = false;            ///< its error has been answered; drop what is left of it
  bool any_key = false;                ///< at least one of its keys has been yielded
};

enum class ParseStatus : uint8_t {
  kRequest,   ///< `request` is whole; the `consumed` bytes, at least one, belong to it
  kNeedMore,  ///< no request yet; drop the `consumed` bytes, and parse on if there were any
  kNeedBody,  ///< kStore: the line is whole (`consumed` bytes) and valid, its body is not all there
  kClose,     ///< the connection is to be closed without a reply
};

struct ParseResult {
  ParseStatus status = ParseStatus::kNeedMore;
  /// The refused line announced a body of unknown length: if anything is buffered behind the line,
  /// the connection closes after the reply, since a body must never run as commands.
  bool close_if_more = false;
  /// The connection closes after the reply, whatever has arrived.
  bool close = false;
  size_t consumed = 0;
  /// Bytes of a refused body that follow the consumed ones and are to be dropped, arrived or not.
  uint64_t swallow_bytes = 0;
};

/// Parses the first request of `input`, classic or meta, into `request`; every field is set when
/// the status is kRequest or kNeedBody, and none is meaningful otherwise. Pure: reads nothing but
/// its arguments, allocates nothing, keeps views into `input`.
///
/// A retrieval line of n keys yields n kGet requests, of which the last ends the line; or, if there
/// are spaces behind it, one kEndOfGet does. Lines up to kMaxLineBytes are checked whole before
/// their first key is yielded. The keys of a longer get or gets are yielded as they come; a bad one
/// is answered with kError in place of what is left of the line.
///
/// A store whose body is there is one kRequest; a body that does not end in CRLF makes it the error
/// kBadDataChunk. A refused line is a kRequest too, its `op` kError.
ParseResult ParseText(std::string_view input, RetrievalLine& line, Request& request);

}  // namespace quarry::protocol
