#include "daemon/command/event_line.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "core/base/numbers.h"
#include "protocol/dump_line.h"

namespace quarry::command {
namespace {

constexpr int64_t kNanosPerMicro = 1000;

}  // namespace

EventLine::EventLine(uint64_t number, std::string_view type) : number_(number) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const int written =
      std::snprintf(text_.data(), text_.size(),
                    "ts=%lld.%06lld gid=%llu type=", static_cast<long long>(now.tv_sec),
                    static_cast<long long>(now.tv_nsec / kNanosPerMicro),
                    static_cast<unsigned long long>(number));
  size_ = static_cast<size_t>(std::max(written, 0));
  Raw(type);
}

EventLine& EventLine::Key(std::string_view key) {
  Raw(" key=");
  if (room() >= protocol::kUriKeyRoom) {
    char* begin = text_.data() + size_;
    size_ += static_cast<size_t>(protocol::WriteUriEncoded(begin, key) - begin);
  }
  return *this;
}

EventLine& EventLine::Word(std::string_view name, std::string_view word) {
  return Raw(" ").Raw(name).Raw("=").Raw(word);
}

EventLine& EventLine::Number(std::string_view name, int64_t number) {
  std::array<char, kMaxU64Digits> digits{};
  const uint64_t magnitude =
      number < 0 ? uint64_t{0} - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  const char* end = FormatU64(digits.data(), magnitude);
  Raw(" ").Raw(name).Raw(number < 0 ? "=-" : "=");
  return Raw({digits.data(), static_cast<size_t>(end - digits.data())});
}

EventLine& EventLine::Raw(std::string_view text) {
  size_ += text.copy(text_.data() + size_, room());
  return *this;
}

std::string_view EventLine::Finish() {
  text_[size_++] = '\n';
  return {text_.data(), size_};
}

}  // namespace quarry::command
