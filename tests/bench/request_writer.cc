#include "tests/bench/request_writer.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "tests/bench/binary_packet.h"

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
  switch (dialect_) {
    case Dialect::kClassic:
      WriteClassicGet(queue, key_numbers);
      return;
    case Dialect::kMeta:
      WriteMetaGet(queue, key_numbers);
      return;
    case Dialect::kBinary:
      WriteBinaryGet(queue, key_numbers);
      return;
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

void RequestWriter::WriteBinaryGet(SendQueue& queue, std::span<const uint64_t> key_numbers) const {
  const bool quiet = key_numbers.size() > 1;
  const size_t packet_bytes = KeyFormat::kMaxKeyBytes + binary::kHeaderBytes;
  char* out = queue.Reserve((key_numbers.size() + 1) * packet_bytes);
  for (const uint64_t key_number : key_numbers) {
    out = binary::WriteHeader(out, binary::kRequestMagic,
                              quiet ? binary::Opcode::kGetKQ : binary::Opcode::kGetK, 0,
                              keys_.LengthOf(key_number), 0);
    out = keys_.Write(out, key_number);
  }
  if (quiet) {
    out = binary::WriteHeader(out, binary::kRequestMagic, binary::Opcode::kNoop, 0, 0, 0);
  }
  queue.Commit(out);
}

void RequestWriter::WriteTextSetHead(SendQueue& queue, uint64_t key_number,
                                     size_t value_bytes) const {
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
}

void RequestWriter::WriteBinarySetHead(SendQueue& queue, uint64_t key_number,
                                       size_t value_bytes) const {
  char* out = queue.Reserve(KeyFormat::kMaxKeyBytes + binary::kHeaderBytes + kFrameBytes);
  out = binary::WriteHeader(out, binary::kRequestMagic, binary::Opcode::kSet,
                            binary::kSetExtrasBytes, keys_.LengthOf(key_number), value_bytes);
  out = binary::WriteBigEndian(out, uint32_t{0});  // the client's flags
  out = binary::WriteBigEndian(out, ttl_sec_);
  queue.Commit(keys_.Write(out, key_number));
}

void RequestWriter::WriteSet(SendQueue& queue, uint64_t key_number, uint64_t nonce) const {
  const size_t value_bytes = sizes_.SizeOf(key_number);
  const bool is_text = dialect_ != Dialect::kBinary;
  if (is_text) {
    WriteTextSetHead(queue, key_number, value_bytes);
  } else {
    WriteBinarySetHead(queue, key_number, value_bytes);
  }
  if (sealed_) {
    content_.AppendSealed(queue, key_number, nonce, value_bytes);
  } else {
    content_.AppendPlain(queue, key_number, value_bytes);
  }
  if (is_text) {
    queue.Append("\r\n");
  }
}

}  // namespace quarry::bench
