#include "protocol/lru_tune.h"

#include <optional>

#include "core/base/numbers.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

constexpr uint64_t kMaxPercent = 80;

}  // namespace

Error ParseLruTune(std::string_view arguments, LruTuning& tuning) {
  Tokenizer tokens(arguments);
  const std::optional<uint32_t> hot_percent = ParseU32(tokens.Next());
  const std::optional<uint32_t> warm_percent = ParseU32(tokens.Next());
  const std::optional<double> hot_factor = ParseDecimal(tokens.Next());
  const std::optional<double> warm_factor = ParseDecimal(tokens.Next());
  if (!hot_percent || !warm_percent || !hot_factor || !warm_factor || !tokens.Rest().empty()) {
    return Error::kUnknownCommand;
  }
  if (uint64_t{*hot_percent} + *warm_percent > kMaxPercent) {
    return Error::kLruPercentages;
  }
  if (*hot_factor <= 0 || *warm_factor <= 0) {
    return Error::kLruFactors;
  }
  tuning = {*hot_percent, *warm_percent, *hot_factor, *warm_factor};
  return Error::kNone;
}

}  // namespace quarry::protocol
