#pragma once

#include <cstddef>
#include <string_view>

#include "protocol/request.h"

namespace quarry::protocol {

/// One command of the text protocol.
struct Command {
  std::string_view name;
  size_t min_arguments = 0;  ///< fewer make the line malformed
  bool noreply = false;      ///< a last argument `noreply` silences it, errors included
  Request prototype = {};    ///< what the command's name alone says about its requests
};

/// The command called `name`, in lower case; nullptr when there is none.
const Command* FindCommand(std::string_view name);

}  // namespace quarry::protocol
