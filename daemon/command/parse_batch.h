#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/command/batch.h"
#include "protocol/parser.h"

namespace quarry::command {

/// Why a batch ended where it did, and what is to be done once it has been executed.
enum class BatchEnd : uint8_t {
  kMoreInput,   ///< go on with what is behind it
  kIncomplete,  ///< a request follows that has not arrived whole
  kLargeStore,  ///< a store follows whose value does not go through the read buffer
  kClose,       ///< the conversation is over
};

struct ParsedBatch {
  size_t consumed = 0;  ///< leading bytes of the input that the batch's requests were made of
  BatchEnd end = BatchEnd::kMoreInput;
  uint64_t swallow_bytes = 0;   ///< of a refused body: to be dropped behind the consumed ones
  size_t wanted_bytes = 1;      ///< kIncomplete: bytes behind the consumed ones that would suffice
  size_t store_line_bytes = 0;  ///< kLargeStore: of the command line, which is not consumed
  bool ends_costly = false;     ///< kMoreInput: its last request may have cost more than others
  bool ends_alone = false;      ///< the same: nothing may follow its last request in the batch
};

/// Adds the requests at the front of `input` that are written as most are to `batch`, as many as
/// come one after the other and fit. Returns their bytes; `state` stays what it is.
size_t AddPlain(std::string_view input, const protocol::ParserState& state, Batch& batch);

/// Parses requests from the front of `input`, of which `plain_bytes` bytes are in `batch` already,
/// up to the first that must not be followed by others: as many keys as fit, the end of the input,
/// an incomplete request, or a barrier. A large store stands alone: it ends a batch of others
/// before its line, and is reported, in batch.next(), only where it comes first.
ParsedBatch ParseBatch(std::string_view input, size_t plain_bytes, protocol::ParserState& state,
                       Batch& batch);

/// Adds all requests of `input` to a batch that other sessions have a share in; none, with `state`
/// as it was, where `input` does not begin and end with a line or packet, they do not fit, or one
/// is not to share a batch.
void AddWhole(std::string_view input, protocol::ParserState& state, Batch& batch);

/// Parsing is pure, so where it stands after the first `count` requests of `input` need not have
/// been remembered: it is asked again. `state` becomes what it is there; returns the bytes of those
/// requests.
size_t ParseAgain(std::string_view input, size_t count, protocol::ParserState& state);

}  // namespace quarry::command
