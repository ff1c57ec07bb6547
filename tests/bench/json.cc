#include "tests/bench/json.h"

#include <iomanip>

namespace quarry::bench {

std::string JsonQuoted(std::string_view text) {
  std::ostringstream out;
  out << '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << unsigned{byte} << std::dec;
    } else {
      out << c;
    }
  }
  out << '"';
  return out.str();
}

}  // namespace quarry::bench
