#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quarry::daemon {

inline constexpr uint64_t kKibibyte = uint64_t{1} << 10;
inline constexpr uint64_t kMebibyte = uint64_t{1} << 20;
inline constexpr uint64_t kGibibyte = uint64_t{1} << 30;

/// Bytes from decimal digits and one optional suffix k, m or g of either case. Digits alone count
/// in units of `plain_unit_bytes`. nullopt for anything else, or beyond 64 bits.
std::optional<uint64_t> ParseSize(std::string_view text, uint64_t plain_unit_bytes);

/// A share of a whole: "75%", from 1% to 100%. nullopt for anything else.
std::optional<uint32_t> ParsePercent(std::string_view text);

/// The shortest text that ParseSize reads back: 67108864 is "64m".
std::string FormatSize(uint64_t bytes);

}  // namespace quarry::daemon
