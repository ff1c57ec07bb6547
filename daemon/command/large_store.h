#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/admission.h"
#include "core/base/clock.h"
#include "core/engine.h"
#include "core/operations.h"
#include "core/upload.h"
#include "daemon/command/request_key.h"
#include "protocol/request.h"

namespace quarry::command {

/// A store whose value is too large to buffer, from its command line to the last byte of its value.
/// It waits for admission, takes item memory as the bytes come, and keeps what the store and its
/// reply need of the request after the input has moved on. Belongs to one session.
class LargeStore {
 public:
  enum class State : uint8_t {
    kWaiting,    ///< for admission: call Admit
    kReceiving,  ///< the value's bytes
    kComplete,   ///< the value is there, its terminator is not
    kNoMemory,   ///< the engine gave no more memory; remaining_bytes() are not wanted any more
  };

  /// Copies what it keeps of `request`. `ticket` is the session's: it holds or waits for nothing
  /// now, and is given back when the store ends.
  LargeStore(core::Engine& engine, const protocol::Request& request, core::AdmissionTicket& ticket);
  LargeStore(const LargeStore&) = delete;
  LargeStore& operator=(const LargeStore&) = delete;
  ~LargeStore();

  State state() const { return state_; }
  const protocol::Request& request() const { return request_; }
  const core::Key& key() const { return key_; }

  /// kWaiting: asks for admission, and leaves that state when it is granted.
  void Admit(Instant now);

  /// kReceiving: memory for the next bytes, as core::Upload::Space.
  size_t Space(std::span<std::span<char>> spaces, uint64_t wanted_bytes);
  /// The first `bytes` bytes of that memory have been written.
  void Advance(size_t bytes);
  /// kReceiving: copies the leading bytes of `input` that belong to the value; returns how many.
  size_t Receive(std::string_view input);

  /// Bytes of the value that have not been received.
  uint64_t remaining_bytes() const { return remaining_bytes_; }

  /// kComplete: the value, ready for Engine::Store.
  core::Upload TakeUpload() { return std::move(upload_); }

 private:
  core::Engine& engine_;
  std::string text_;           // request_'s key and flag tokens
  protocol::Request request_;  // its views point into text_
  KeyScratch decoded_key_{};
  core::Key key_;
  core::AdmissionTicket& ticket_;  // stands for the bytes of upload_
  core::Upload upload_;
  uint64_t remaining_bytes_;
  State state_ = State::kWaiting;
};

}  // namespace quarry::command
