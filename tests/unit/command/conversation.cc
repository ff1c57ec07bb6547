#include "tests/unit/command/conversation.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace quarry::command {
namespace {

/// Reads `bytes` into the item memory that the session offers; returns how many found room.
size_t ReceiveBody(Session& session, std::string_view bytes) {
  std::array<std::span<char>, 4> spaces;
  const size_t space_count = session.BodySpace(spaces, session.missing_body_bytes());
  size_t received = 0;
  for (const std::span<char> space : std::span(spaces).first(space_count)) {
    received += bytes.substr(received).copy(space.data(), space.size());
  }
  if (space_count > 0) {
    session.BodyReceived(received);
  }
  return received;
}

}  // namespace

Server::Server(const core::EngineOptions& options) {
  core::EngineOptions engine_options = options;
  engine_options.eviction_observer = &context_.event_log;
  auto engine = core::Engine::Create(engine_options);
  QUARRY_CHECK(engine.ok());
  engine_ = *std::move(engine);
  context_.engine = engine_.get();
  context_.clock = &clock_;
  context_.workers = std::vector<WorkerCounters>(1);
  executor_ = std::make_unique<Executor>(context_, context_.workers.front());
}

Client::Client(Server& server, size_t reply_room)
    : scratch_(reply_room), replies_(scratch_), session_(server.executor(), WakeUp(*this, 0)) {}

std::string Client::Send(std::string_view bytes) {
  Receive(bytes);
  return std::exchange(output_, {});
}

std::string Client::SendCut(std::string_view bytes, size_t fragment_bytes) {
  for (size_t begin = 0; begin < bytes.size(); begin += fragment_bytes) {
    Receive(bytes.substr(begin, fragment_bytes));
  }
  return std::exchange(output_, {});
}

std::string Client::EndSlowUpload() {
  session_.EndSlowUpload(replies_);
  TakeReplies();
  return Resume();
}

void Client::Receive(std::string_view bytes) {
  while (!bytes.empty() && session_.body_pending()) {
    const size_t received = ReceiveBody(session_, bytes);
    bytes.remove_prefix(received);
  }
  input_.append(bytes);
  Serve();
}

void Client::Serve() {
  waiting_ = false;
  while (!closed_) {
    const Session::Progress progress = session_.Consume(input_, replies_);
    input_.erase(0, progress.consumed);
    TakeReplies();
    switch (progress.next) {
      case Session::Next::kFlush:
        ++flush_count_;
        continue;
      case Session::Next::kYield:
        ++yield_count_;
        continue;
      case Session::Next::kClose:
        closed_ = true;
        return;
      case Session::Next::kWait:
        waiting_ = true;
        return;
      case Session::Next::kRead:
        QUARRY_CHECK(session_.wanted_bytes() > input_.size());
        QUARRY_CHECK(session_.wanted_bytes() <= Session::kMaxBufferedBytes);
        return;
    }
  }
}

void Client::TakeReplies() {
  size_t taken = 0;
  for (const ReplyBuffer::Piece& piece : replies_.pieces()) {
    output_.append(replies_.text().substr(taken, piece.text_end - taken));
    taken = piece.text_end;
    if (const auto* text = std::get_if<std::string>(&piece.content)) {
      output_.append(*text);
    } else if (const auto* pin = std::get_if<core::Pin>(&piece.content)) {
      for (core::ValuePieces rest = pin->pieces(); !rest.empty();) {
        output_.append(rest.TakeFront());
      }
    }
  }
  output_.append(replies_.text().substr(taken));
  replies_.Clear();
}

std::string Pattern(size_t bytes) {
  std::string pattern(bytes, '\0');
  uint32_t state = 12345;
  for (char& character : pattern) {
    state = state * 1664525 + 1013904223;
    character = static_cast<char>('a' + (state >> 24) % 26);
  }
  return pattern;
}

std::string Storage(std::string_view line, std::string_view value) {
  return std::string(line).append("\r\n").append(value).append("\r\n");
}

std::string ValueBlock(std::string_view key, std::string_view value) {
  const std::string size = std::to_string(value.size());
  return Storage(std::string("VALUE ").append(key).append(" 0 ").append(size), value);
}

std::string StatOf(std::string_view reply, std::string_view name) {
  const std::string begin = "STAT " + std::string(name) + " ";
  const size_t at = reply.find(begin);
  if (at == std::string_view::npos) {
    return {};
  }
  reply.remove_prefix(at + begin.size());
  return std::string(reply.substr(0, reply.find("\r\n")));
}

}  // namespace quarry::command
