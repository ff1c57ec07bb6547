#include "tests/bench/request_writer.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace quarry::bench {
namespace {

/// More than any request takes beside its keys and values.
constexpr size_t kFrameBytes = 64;

char* Put(char* out, std::string_view text) {
  return std::copy(text.begin(), text.end(), out);
}

}  // namespace

RequestWriter::RequestWriter(const Options& options)
    : dialect_(options.dialect),
      sealed_(options.verify),
      ttl_sec_(options.ttl_sec),
      keys_(options.key_lengths),
      sizes_(options.value_sizes) {}

void RequestWriter::WriteGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const {
  if (dialect_ == Dialect::kClassic) {
    WriteClassicGet(queue, key_numbers);
  } else {
    WriteMetaGet(queue, key_numbers);
  }
}

void RequestWriter::WriteClassicGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const {
  char* out = queue.Reserve(key_numbers.size() * (KeyFormat::kMaxKeyBytes + 1) + kFrameBytes);
  out = Put(out, "get");
  for (const uint64_t key_number : key_numbers) {
    *out++ = ' ';
    out = keys_.Write(out, key_number);
  }
  queue.Commit(Put(out, "\r\n"));
}

void RequestWriter::WriteMetaGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const {
  const bool quiet = key_numbers.size() > 1;
  // The k flag has the reply name its key, which a single get needs for checking only.
  const std::string_view flags = quiet ? " v k q\r\n" : sealed_ ? " v k\r\n" : " v\r\n";
  const size_t line_bytes = KeyFormat::kMaxKeyBytes + kFrameBytes;
  char* out = queue.Reserve((key_numbers.size() + 1) * line_bytes);
  for (const uint64_t key_number : key_numbers) {
    out = Put(out, "mg ");
    out = keys_.Write(out, key_number);
    out = Put(out, flags);
  }
  queue.Commit(quiet ? Put(out, "mn\r\n") : out);
}

void RequestWriter::WriteSet(SendQueue& queue, uint64_t key_number, uint64_t nonce) const {
  const size_t value_bytes = sizes_.SizeOf(key_number);
  char* out = queue.Reserve(KeyFormat::kMaxKeyBytes + kFrameBytes);
  char* const limit = out + KeyFormat::kMaxKeyBytes + kFrameBytes;
  const bool classic = dialect_ == Dialect::kClassic;
  out = Put(out, classic ? "set " : "ms ");
  out = keys_.Write(out, key_number);
  if (classic) {
    out = std::to_chars(Put(out, " 0 "), limit, ttl_sec_).ptr;
  }
  *out++ = ' ';
  out = std::to_chars(out, limit, value_bytes).ptr;
  if (!classic && ttl_sec_ != 0) {
    out = std::to_chars(Put(out, " T"), limit, ttl_sec_).ptr;
  }
  queue.Commit(Put(out, "\r\n"));
  if (sealed_) {
    content_.AppendSealed(queue, key_number, nonce, value_bytes);
  } else {
    content_.AppendPlain(queue, key_number, value_bytes);
  }
  queue.Append("\r\n");
}

}  // namespace quarry::bench
