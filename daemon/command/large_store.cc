#include "daemon/command/large_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/check.h"

namespace quarry::command {

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
  engine_.PrefetchBucket(key_);
  upload_ = engine_.BeginUpload(key_, request_.value_bytes, now);
  engine_.PrefetchItem(key_);  // of which the end of the upload will want to know
  state_ = upload_ ? State::kReceiving : State::kNoMemory;
}

size_t LargeStore::Space(std::span<std::span<char>> spaces, uint64_t wanted_bytes) {
  QUARRY_DCHECK(state_ == State::kReceiving);
  const size_t count = upload_.Space(spaces, wanted_bytes);
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
    std::array<std::span<char>, 1> space;
    if (Space(space, input.size() - received) == 0) {
      break;
    }
    const std::string_view piece = input.substr(received, space[0].size());
    std::memcpy(space[0].data(), piece.data(), piece.size());
    Advance(piece.size());
    received += piece.size();
  }
  return received;
}

}  // namespace quarry::command
