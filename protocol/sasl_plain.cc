#include "protocol/sasl_plain.h"

#include <cstddef>

namespace quarry::protocol {

std::optional<PlainToken> ParsePlainToken(std::string_view token) {
  const size_t first = token.find('\0');
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  const size_t second = token.find('\0', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view acts_as = token.substr(0, first);
  const PlainToken parsed = {.user = token.substr(first + 1, second - first - 1),
                             .password = token.substr(second + 1)};
  const bool valid = !parsed.user.empty() && !parsed.password.empty() &&
                     parsed.password.find('\0') == std::string_view::npos &&
                     (acts_as.empty() || acts_as == parsed.user);
  return valid ? std::optional(parsed) : std::nullopt;
}

}  // namespace quarry::protocol
