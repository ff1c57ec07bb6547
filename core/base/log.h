#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

namespace quarry {

enum class LogLevel : uint8_t {
  kError,
  kWarning,
  kInfo,
  kDebug,
  kTrace
};

/// One `key=value` of a log line. The key is a literal of ours; a text value is borrowed, may hold
/// any bytes, and is escaped and cut where it is written out. Keys and values of items are not
/// logged.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, int64_t, uint64_t> value;

  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  template <typename Number>
  requires std::is_integral_v<Number> LogField(std::string_view field_key, Number number)
      : key(field_key) {
    if constexpr (std::is_signed_v<Number>) {
      value.emplace<int64_t>(number);
    } else {
      value.emplace<uint64_t>(number);
    }
  }
};

/// Where any module reports what an operator should know. It is passed in, never global. Safe on
/// any thread; not for the request path.
class Logger {
 public:
  virtual ~Logger() = default;

  /// True when lines of this level are written at present.
  virtual bool Enabled(LogLevel level) const = 0;

  /// Writes one line: `message` is a literal of ours in the field's words, what varies is in
  /// `fields`.
  void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) {
    if (Enabled(level)) {
      Write(level, message, {fields.begin(), fields.size()});
    }
  }

 private:
  virtual void Write(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) = 0;
};

}  // namespace quarry
