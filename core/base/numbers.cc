#include "core/base/numbers.h"

#include <charconv>

namespace quarry {
namespace {

template <typename Number>
std::optional<Number> Parse(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<uint64_t> ParseU64(std::string_view digits) {
  return Parse<uint64_t>(digits);
}
std::optional<uint32_t> ParseU32(std::string_view digits) {
  return Parse<uint32_t>(digits);
}
std::optional<int64_t> ParseI64(std::string_view digits) {
  return Parse<int64_t>(digits);
}
std::optional<int32_t> ParseI32(std::string_view digits) {
  return Parse<int32_t>(digits);
}

std::optional<double> ParseDecimal(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;  // from_chars takes signs and the names of what is no number
  }
  return Parse<double>(text);
}

char* FormatLongU64(char* out, uint64_t value) {
  return std::to_chars(out, out + kMaxU64Digits, value).ptr;
}

}  // namespace quarry
