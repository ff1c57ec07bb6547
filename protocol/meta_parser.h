#pragma once

#include "protocol/command_line.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// Parses the line of a meta command into `request`, which begins as the command's prototype. The
/// line has the arguments that the command needs.
ParseResult ParseMeta(const CommandLine& line, Request& request);

}  // namespace quarry::protocol
