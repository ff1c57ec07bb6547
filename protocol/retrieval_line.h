#pragma once

#include <string_view>

#include "protocol/command_line.h"
#include "protocol/command_table.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// Checks the whole line of `command`, a get, gets, gat or gats, and yields its first key. The line
/// has the arguments that the command needs.
ParseResult ParseRetrieval(const Command& command, const CommandLine& line, RetrievalLine& state,
                           Request& request);

/// Begins a line too long to be checked before its keys are answered: the end of `input` need not
/// be the end of the line, which starts with the name of `command`, a get or gets, and a space.
ParseResult StreamRetrieval(const Command& command, std::string_view input, RetrievalLine& state,
                            Request& request);

/// Yields the next key of the line that `state` stands in, or its end. `input` begins behind what
/// earlier calls consumed.
ParseResult NextKey(std::string_view input, RetrievalLine& state, Request& request);

}  // namespace quarry::protocol
