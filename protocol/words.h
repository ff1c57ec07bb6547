#pragma once

#include <string_view>

/// Everything that a successful text reply says, once. Errors stand in error.h.
namespace quarry::protocol {

inline constexpr std::string_view kCrlf = "\r\n";

// Whole lines of classic replies.
inline constexpr std::string_view kStored = "STORED\r\n";
inline constexpr std::string_view kNotStored = "NOT_STORED\r\n";
inline constexpr std::string_view kExists = "EXISTS\r\n";
inline constexpr std::string_view kNotFound = "NOT_FOUND\r\n";
inline constexpr std::string_view kDeleted = "DELETED\r\n";
inline constexpr std::string_view kTouched = "TOUCHED\r\n";
inline constexpr std::string_view kOk = "OK\r\n";
inline constexpr std::string_view kReset = "RESET\r\n";
inline constexpr std::string_view kEnd = "END\r\n";

// How classic lines begin that go on with something.
inline constexpr std::string_view kValuePrefix = "VALUE ";
inline constexpr std::string_view kVersionPrefix = "VERSION ";
inline constexpr std::string_view kStatPrefix = "STAT ";

// Codes of meta replies; return flags and CRLF follow.
inline constexpr std::string_view kMetaDone = "HD";
inline constexpr std::string_view kMetaValue = "VA";
inline constexpr std::string_view kMetaMiss = "EN";
inline constexpr std::string_view kMetaNotFound = "NF";
inline constexpr std::string_view kMetaNotStored = "NS";
inline constexpr std::string_view kMetaExists = "EX";
inline constexpr std::string_view kMetaInspected = "ME";
inline constexpr std::string_view kMetaEnd = "EN\r\n";  // of a list of keys
inline constexpr std::string_view kMetaNoop = "MN\r\n";

}  // namespace quarry::protocol
