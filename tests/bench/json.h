#pragma once

#include <sstream>
#include <string>
#include <string_view>

namespace quarry::bench {

/// The text as a JSON string, in ASCII.
std::string JsonQuoted(std::string_view text);

/// Writes the members of one JSON object.
class JsonObject {
 public:
  /// `value` goes out as it is: a number, or JSON.
  template <typename Value>
  JsonObject& Add(std::string_view name, const Value& value) {
    out_ << (first_ ? "{" : ", ") << JsonQuoted(name) << ": " << value;
    first_ = false;
    return *this;
  }

  std::string Finish() const { return first_ ? "{}" : out_.str() + "}"; }

 private:
  std::ostringstream out_;
  bool first_ = true;
};

}  // namespace quarry::bench
