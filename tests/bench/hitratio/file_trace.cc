#include "tests/bench/hitratio/file_trace.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <xxhash.h>

#include "tests/bench/key_format.h"

namespace quarry::bench {
namespace {

constexpr std::string_view kSeparators = " \t";

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool ReadSize(std::string_view text, size_t* bytes) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  *bytes = number;
  return error == std::errc{} && rest == end && number <= FileTrace::kMaxValueBytes;
}

}  // namespace

FileTrace::FileTrace(const std::string& path, const ValueSizes::Options& sizes)
    : path_(path), sizes_(sizes), file_(path) {
  if (!file_) {
    error_ = path_ + ": " + std::generic_category().message(errno);
  }
}

bool FileTrace::Next(TraceRequest* request) {
  if (!error_.empty()) {
    return false;
  }
  if (std::getline(file_, line_)) {
    ++line_number_;
    return ReadLine(line_, request);
  }
  if (file_.bad()) {
    error_ = path_ + ": cannot be read";
  } else if (line_number_ == 0) {
    error_ = path_ + ": holds no request";
  }
  return false;
}

bool FileTrace::ReadLine(std::string_view line, TraceRequest* request) {
  const size_t id_bytes = std::min(line.find_first_of(kSeparators), line.size());
  const std::string_view id = line.substr(0, id_bytes);
  if (id.empty()) {
    return Fail("no id at the beginning of the line");
  }
  if (id.size() > KeyFormat::kMaxKeyBytes) {
    return Fail("an id of " + std::to_string(id.size()) + " bytes, at most " +
                std::to_string(KeyFormat::kMaxKeyBytes));
  }
  if (std::any_of(id.begin(), id.end(), IsControl)) {
    return Fail("a control character in the id");
  }
  request->key = id;
  request->key_number = XXH3_64bits(id.data(), id.size());
  request->phase = 0;
  const size_t size_begin = line.find_first_not_of(kSeparators, id_bytes);
  if (size_begin == std::string_view::npos) {
    request->value_bytes = sizes_.SizeOf(request->key_number);
    return id_bytes == line.size() || Fail("space at the end of the line");
  }
  return ReadSize(line.substr(size_begin), &request->value_bytes) ||
         Fail("the second column is not a size from 0 to " + std::to_string(kMaxValueBytes));
}

bool FileTrace::Fail(std::string_view reason) {
  error_ = path_ + ":" + std::to_string(line_number_) + ": ";
  error_ += reason;
  return false;
}

}  // namespace quarry::bench
