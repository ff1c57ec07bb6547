#include "tests/bench/value_content.h"

#include <algorithm>
#include <cstring>

#include "tests/bench/random.h"

namespace quarry::bench {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
/// Up to this size copying a value costs less than one more piece in the vector of sendmsg.
constexpr size_t kCopiedBytes = 16 * 1024;
constexpr size_t kChecksumBytes = sizeof(uint64_t);
constexpr size_t kShortChecksumBytes = sizeof(uint32_t);

std::vector<char> RandomBlock() {
  std::vector<char> block(kBlockBytes);
  Random random(kBlockBytes);
  for (char& byte : block) {
    byte = static_cast<char>(random.Next());
  }
  return block;
}

template <typename Number>
char* WriteNumber(char* out, Number number) {
  std::memcpy(out, &number, sizeof(number));
  return out + sizeof(number);
}

template <typename Number = uint64_t>
Number ReadNumber(const char* in) {
  Number number = 0;
  std::memcpy(&number, in, sizeof(number));
  return number;
}

uint32_t ShortChecksum(std::string_view behind_it) {
  return static_cast<uint32_t>(XXH3_64bits(behind_it.data(), behind_it.size()));
}

}  // namespace

ValueContent::ValueContent() : block_(RandomBlock()) {}

template <typename Take>
void ValueContent::ForEachPiece(uint64_t nonce, size_t size, Take take) const {
  size_t offset = Mix(nonce) % kBlockBytes;
  while (size > 0) {
    const size_t piece_bytes = std::min(size, kBlockBytes - offset);
    take(std::string_view(block_.data() + offset, piece_bytes));
    size -= piece_bytes;
    offset = 0;
  }
}

void ValueContent::AppendPlain(SendQueue& queue, uint64_t key_number, size_t size) const {
  ForEachPiece(key_number, size, [&queue, size](std::string_view piece) {
    if (size <= kCopiedBytes) {
      queue.Append(piece);
    } else {
      queue.AppendReference(piece);
    }
  });
}

void ValueContent::AppendSealed(SendQueue& queue, uint64_t key_number, uint64_t nonce,
                                size_t size) const {
  if (size < kSealBytes) {
    AppendShortSealed(queue, key_number, nonce, size);
    return;
  }
  std::array<char, kSealBytes> seal{};
  WriteNumber(WriteNumber(seal.data() + kChecksumBytes, key_number), nonce);
  XXH3_state_t hash;
  XXH3_64bits_reset(&hash);
  XXH3_64bits_update(&hash, seal.data() + kChecksumBytes, kSealBytes - kChecksumBytes);
  const size_t stretch_bytes = size - kSealBytes;
  ForEachPiece(nonce, stretch_bytes, [&hash](std::string_view piece) {
    XXH3_64bits_update(&hash, piece.data(), piece.size());
  });
  WriteNumber(seal.data(), XXH3_64bits_digest(&hash));
  queue.Append(std::string_view(seal.data(), seal.size()));
  AppendPlain(queue, nonce, stretch_bytes);
}

void ValueContent::AppendShortSealed(SendQueue& queue, uint64_t key_number, uint64_t nonce,
                                     size_t size) const {
  std::array<char, kSealBytes> value{};
  char* end = WriteNumber(value.data() + kShortChecksumBytes, static_cast<uint32_t>(key_number));
  ForEachPiece(nonce, size - kShortSealBytes, [&end](std::string_view piece) {
    end = std::copy(piece.begin(), piece.end(), end);
  });
  const std::string_view sealed(value.data(), size);
  WriteNumber(value.data(), ShortChecksum(sealed.substr(kShortChecksumBytes)));
  queue.Append(sealed);
}

ValueChecker::ValueChecker() {
  Begin();
}

void ValueChecker::Begin() {
  XXH3_64bits_reset(&hash_);
  fed_bytes_ = 0;
}

void ValueChecker::Feed(std::string_view bytes) {
  if (fed_bytes_ < seal_.size()) {
    const size_t count = std::min(seal_.size() - fed_bytes_, bytes.size());
    std::copy_n(bytes.data(), count, seal_.data() + fed_bytes_);
  }
  const size_t not_hashed =
      fed_bytes_ < kChecksumBytes ? std::min(kChecksumBytes - fed_bytes_, bytes.size()) : 0;
  XXH3_64bits_update(&hash_, bytes.data() + not_hashed, bytes.size() - not_hashed);
  fed_bytes_ += bytes.size();
}

std::optional<uint64_t> ValueChecker::Finish() {
  if (fed_bytes_ < ValueContent::kShortSealBytes) {
    return std::nullopt;
  }
  if (fed_bytes_ < seal_.size()) {
    const std::string_view behind_it(seal_.data() + kShortChecksumBytes,
                                     fed_bytes_ - kShortChecksumBytes);
    return ReadNumber<uint32_t>(seal_.data()) == ShortChecksum(behind_it)
               ? std::optional<uint64_t>(ReadNumber<uint32_t>(behind_it.data()))
               : std::nullopt;
  }
  if (ReadNumber(seal_.data()) != XXH3_64bits_digest(&hash_)) {
    return std::nullopt;
  }
  return ReadNumber(seal_.data() + kChecksumBytes);
}

}  // namespace quarry::bench
