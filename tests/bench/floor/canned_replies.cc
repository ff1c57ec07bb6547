#include "tests/bench/floor/canned_replies.h"

#include <algorithm>

#include "tests/bench/binary_packet.h"
#include "tests/bench/floor/huge_pages.h"
#include "tests/bench/random.h"

namespace quarry::bench {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;
/// What large values are sent from where no memory is given.
constexpr size_t kRegionBytes = size_t{64} << 10;

std::string Packet(binary::Opcode opcode, std::string_view key, size_t value_bytes) {
  const size_t extras_bytes = key.empty() ? 0 : binary::kValueExtrasBytes;
  std::array<char, binary::kHeaderBytes> header{};
  binary::WriteHeader(header.data(), binary::kReplyMagic, opcode, extras_bytes, key.size(),
                      value_bytes);
  return std::string(header.data(), header.size()) + std::string(extras_bytes, '\0') +
         std::string(key);
}

}  // namespace

CannedReplies::CannedReplies(const ReplyShape& shape)
    : region_(MemoryInHugePages(std::max(kRegionBytes, shape.memory_bytes))),
      region_values_(std::max<size_t>(1, region_.size() / std::max<size_t>(1, shape.value_bytes))),
      value_bytes_(shape.value_bytes) {
  const std::string key(shape.key_bytes, 'k');
  const std::string size = std::to_string(shape.value_bytes);
  const std::string value(shape.value_bytes, 'v');
  const std::string value_head = "VALUE " + key + " 0 " + size + "\r\n";
  std::string before_last;  // all values of a multi-get but its last
  for (size_t i = 1; i < shape.keys_per_get; ++i) {
    before_last.append(value_head).append(value).append("\r\n");
  }
  Put(RequestKind::kClassicGet, before_last + value_head, shape.value_bytes, "\r\nEND\r\n");
  Put(RequestKind::kMetaGet, "VA " + size + " k" + key + "\r\n", shape.value_bytes, "\r\n");
  Put(RequestKind::kBinaryGet, Packet(binary::Opcode::kGetKQ, key, shape.value_bytes),
      shape.value_bytes, "");
  Put(RequestKind::kBinarySet, Packet(binary::Opcode::kSet, "", 0), 0, "");
  Put(RequestKind::kBinaryNoop, Packet(binary::Opcode::kNoop, "", 0), 0, "");
  Put(RequestKind::kClassicSet, "STORED\r\n", 0, "");
  Put(RequestKind::kMetaSet, "HD\r\n", 0, "");
  Put(RequestKind::kMetaNoop, "MN\r\n", 0, "");
  Put(RequestKind::kVersion, "VERSION floor\r\n", 0, "");
  Put(RequestKind::kOther, "ERROR\r\n", 0, "");
}

void CannedReplies::Put(RequestKind kind, std::string head, size_t value_bytes, std::string tail) {
  Reply& reply = replies_[static_cast<size_t>(kind)];
  reply.size = head.size() + value_bytes + tail.size();
  if (value_bytes > kSmallValueBytes) {
    reply.head = std::move(head);
    reply.tail = std::move(tail);
    return;
  }
  const std::string text = head + std::string(value_bytes, 'v') + tail;
  for (size_t i = 0; i < std::max<size_t>(1, kBlockBytes / reply.size); ++i) {
    reply.block += text;
  }
}

size_t CannedReplies::PiecesFrom(RequestKind kind, size_t offset, uint64_t number,
                                 std::span<iovec> pieces) const {
  const Reply& reply = Of(kind);
  if (IsSmall(kind)) {
    pieces[0] = {const_cast<char*>(reply.block.data()) + offset, reply.size - offset};
    return 1;
  }
  const size_t value_begin = Mix(number) % region_values_ * value_bytes_;
  const size_t tail_begin = reply.size - reply.tail.size();
  size_t used = 0;
  const auto put = [&](const char* bytes, size_t count) {
    // sendmsg only reads, but its vector type is shared with recvmsg and therefore not const.
    pieces[used++] = {const_cast<char*>(bytes), count};
    offset += count;
  };
  while (offset < reply.size && used < pieces.size()) {
    if (offset < reply.head.size()) {
      put(reply.head.data() + offset, reply.head.size() - offset);
    } else if (offset < tail_begin) {
      const size_t at = (value_begin + offset - reply.head.size()) % region_.size();
      put(region_.data() + at, std::min(region_.size() - at, tail_begin - offset));
    } else {
      put(reply.tail.data() + (offset - tail_begin), reply.size - offset);
    }
  }
  return used;
}

}  // namespace quarry::bench
