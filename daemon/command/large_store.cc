#include "daemon/command/large_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/check.h"

namespace quarry::command {
namespace {

/// How many pieces of item memory are filled at a time.
constexpr size_t kMaxSpaces = 16;

}  // namespace

LargeStore::LargeStore(core::Engine& engine, const protocol::Request& request,
                       core::AdmissionTicket& ticket)
    : engine_(engine),
      text_(std::string(request.key).append(request.flag_tokens)),
      request_(request),
      ticket_(ticket),
      remaining_bytes_(request.value_bytes) {
  const std::string_view text = text_;
  request_.key = text.substr(0, request.key.size());
  request_.flag_tokens = text.substr(request.key.size());
  request_.arguments = {};
  request_.value = {};
  key_ = KeyOf(engine_, request_, decoded_key_);
}

LargeStore::~LargeStore() {
  upload_ = {};  // its pages are given back before anybody is told that there is room
  ticket_.Release();
}

void LargeStore::Admit(Instant now) {
  QUARRY_DCHECK(state_ == State::kWaiting);
  if (!engine_.AdmitUpload(ticket_, request_.value_bytes)) {
    return;
  }
  upload_ = engine_.BeginUpload(key_, request_.value_bytes, now);
  state_ = upload_ ? State::kReceiving : State::kNoMemory;
}

size_t LargeStore::Space(std::span<std::span<char>> spaces) {
  QUARRY_DCHECK(state_ == State::kReceiving);
  const size_t count = upload_.Space(spaces);
  if (count == 0) {
    state_ = State::kNoMemory;
  }
  return count;
}

void LargeStore::Advance(size_t bytes) {
  QUARRY_CHECK(bytes <= remaining_bytes_);
  upload_.Advance(bytes);
  remaining_bytes_ -= bytes;
  if (remaining_bytes_ == 0) {
    state_ = State::kComplete;
  }
}

size_t LargeStore::Receive(std::string_view input) {
  size_t received = 0;
  while (state_ == State::kReceiving && received < input.size()) {
    std::array<std::span<char>, kMaxSpaces> spaces;
    const size_t space_count = Space(spaces);
    size_t written = 0;
    for (const std::span<char> space : std::span(spaces).first(space_count)) {
      const std::string_view chunk = input.substr(received + written).substr(0, space.size());
      std::memcpy(space.data(), chunk.data(), chunk.size());
      written += chunk.size();
    }
    Advance(written);
    received += written;
  }
  return received;
}

}  // namespace quarry::command
