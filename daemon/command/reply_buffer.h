#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/check.h"
#include "core/pin.h"

namespace quarry::command {

/// Replies that have not been handed to the socket, in order: contiguous bytes in borrowed scratch
/// memory, and between them pieces too large to copy.
///
///     scratch  |HD\r\nVA 1048576\r\n|\r\nEND\r\n|......free......|
///     pieces                        ^ Pin (sent from item memory)
///
/// Belongs to one thread. The scratch memory outlives it or its Clear.
class ReplyBuffer {
 public:
  /// Bytes sent from elsewhere, after `text_end` bytes of the scratch.
  struct Piece {
    size_t text_end;
    std::variant<core::Pin, std::string> content;
  };

  /// From this many pieces on, or this many bytes of text among them, the buffer counts as full,
  /// whatever room its scratch still has: a client that does not read what it asks for keeps them.
  static constexpr size_t kMaxPieces = 64;
  static constexpr size_t kMaxPieceTextBytes = 16384;

  explicit ReplyBuffer(std::span<char> scratch)
      : scratch_(scratch), limit_(scratch.size()), reply_limit_(limit_) {}

  /// Uses no more than so much of the scratch and so many pieces from now on, where texts among
  /// these take as much room as they would in the scratch, and are longer only if
  /// `takes_long_texts`. Only when empty.
  void Limit(size_t bytes, size_t piece_count, bool takes_long_texts) {
    QUARRY_DCHECK(empty());
    limit_ = reply_limit_ = std::min(bytes, scratch_.size());
    max_pieces_ = std::min(piece_count, kMaxPieces);
    texts_take_room_ = true;
    takes_long_texts_ = takes_long_texts;
  }
  void Unlimit() {
    Limit(scratch_.size(), kMaxPieces, true);
    texts_take_room_ = false;
  }

  /// True when a reply of at most `bytes` bytes, or of a head of them and one piece, can follow.
  bool HasRoom(size_t bytes) const { return used_ + bytes <= reply_limit_; }
  /// True when a piece can be a text of so many bytes.
  bool TakesText(size_t bytes) const { return takes_long_texts_ || bytes <= limit_; }

  /// Encoders write at cursor(), never more than room() bytes, and then call AdvanceTo.
  char* cursor() { return scratch_.data() + used_; }
  size_t room() const { return limit_ - used_; }
  void AdvanceTo(const char* end) {
    used_ = static_cast<size_t>(end - scratch_.data());
    QUARRY_DCHECK(used_ <= limit_);
  }
  void Append(std::string_view text) {
    QUARRY_CHECK(text.size() <= room());
    text.copy(cursor(), text.size());
    used_ += text.size();
  }

  /// The pinned value, or the text, follows what has been written so far. Allocates: not in a
  /// visitor.
  void AppendPin(core::Pin pin) {
    pieces_.push_back({used_, std::move(pin)});
    LimitPieces();
  }
  void AppendText(std::string text) {
    QUARRY_CHECK(TakesText(text.size()));
    piece_text_bytes_ += text.size();
    reply_limit_ -= texts_take_room_ ? std::min(text.size(), reply_limit_) : 0;
    pieces_.push_back({used_, std::move(text)});
    LimitPieces();
  }

  bool has_pieces() const { return !pieces_.empty(); }
  bool empty() const { return used_ == 0 && pieces_.empty(); }
  std::string_view text() const { return {scratch_.data(), used_}; }
  std::vector<Piece>& pieces() { return pieces_; }

  /// Forgets everything and drops the pins.
  void Clear() {
    used_ = 0;
    if (has_pieces()) {
      piece_text_bytes_ = 0;
      pieces_.clear();
      reply_limit_ = limit_;
    }
  }

 private:
  void LimitPieces() {
    if (pieces_.size() >= max_pieces_ || piece_text_bytes_ >= kMaxPieceTextBytes) {
      reply_limit_ = 0;
    }
  }

  std::span<char> scratch_;
  size_t limit_;
  size_t reply_limit_;  // for the next reply: 0 once there are too many pieces
  size_t max_pieces_ = kMaxPieces;
  bool texts_take_room_ = false;
  bool takes_long_texts_ = true;
  size_t used_ = 0;
  size_t piece_text_bytes_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace quarry::command
