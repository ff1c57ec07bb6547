#pragma once

#include <string_view>

#include "protocol/request.h"

namespace quarry::protocol {

/// Reads the flags of a meta command, separated by spaces, into `request`, whose op and key stand
/// already. A flag that another command has but this one does not use is checked like any other and
/// then says nothing.
Error ParseMetaFlags(std::string_view flag_tokens, Request& request);

}  // namespace quarry::protocol
