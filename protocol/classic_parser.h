#pragma once

#include <string_view>

#include "protocol/command_line.h"
#include "protocol/command_table.h"
#include "protocol/text_parser.h"

namespace quarry::protocol {

/// True when `arguments` end in a `noreply` that `command` knows: its errors are silent then.
bool HidesErrors(const Command& command, std::string_view arguments);

/// Parses the line of a classic command other than a retrieval into `request`, which begins as the
/// command's prototype. The line has the arguments that the command needs.
ParseResult ParseClassic(const Command& command, const CommandLine& line, Request& request);

}  // namespace quarry::protocol
