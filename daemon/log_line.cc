#include "daemon/log_line.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include <absl/strings/str_cat.h>

namespace quarry::daemon {
namespace {

bool IsPrintable(char byte) {
  return byte >= ' ' && byte <= '~';
}

bool IsPlain(char byte) {
  return IsPrintable(byte) && byte != ' ' && byte != '"' && byte != '\\' && byte != '=';
}

void AppendEscaped(std::string& line, char byte) {
  absl::StrAppend(&line, "\\x", absl::Hex(static_cast<uint8_t>(byte), absl::kZeroPad2));
}

void AppendMessage(std::string& line, std::string_view message) {
  for (const char byte : message) {
    if (IsPrintable(byte)) {
      line.push_back(byte);
    } else {
      AppendEscaped(line, byte);
    }
  }
}

void AppendText(std::string& line, std::string_view text) {
  const bool cut = text.size() > kMaxLoggedValueBytes;
  text = text.substr(0, kMaxLoggedValueBytes);
  const bool quoted = cut || text.empty() || !std::all_of(text.begin(), text.end(), IsPlain);
  if (!quoted) {
    line.append(text);
    return;
  }
  line.push_back('"');
  for (const char byte : text) {
    if (IsPrintable(byte) && byte != '"' && byte != '\\') {
      line.push_back(byte);
    } else {
      AppendEscaped(line, byte);
    }
  }
  line.append(cut ? "...\"" : "\"");
}

}  // namespace

std::string FormatLogLine(std::string_view message, std::span<const LogField> fields) {
  std::string line;
  line.reserve(message.size());
  AppendMessage(line, message);
  for (const LogField& field : fields) {
    line.push_back(' ');
    line.append(field.key);
    line.push_back('=');
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      AppendText(line, *text);
    } else if (const auto* number = std::get_if<int64_t>(&field.value)) {
      absl::StrAppend(&line, *number);
    } else {
      absl::StrAppend(&line, std::get<uint64_t>(field.value));
    }
  }
  return line;
}

}  // namespace quarry::daemon
