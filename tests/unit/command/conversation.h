#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/wake_up.h"
#include "core/engine.h"
#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/command/session.h"

namespace quarry::command {

/// An engine and one worker, without a network.
class Server {
 public:
  explicit Server(const core::EngineOptions& options = {});

  ServerContext& context() { return context_; }
  core::Engine& engine() { return *engine_; }
  const Clock& clock() const { return clock_; }
  Executor& executor() { return *executor_; }

 private:
  Clock clock_;
  std::unique_ptr<core::Engine> engine_;
  ServerContext context_;
  std::unique_ptr<Executor> executor_;
};

/// One connection, played by the test: what a transport does, without a socket.
class Client final : private Waker {
 public:
  explicit Client(Server& server, size_t reply_room = Session::kMinReplyRoom);

  /// Sends `bytes` in one go, or in fragments of `fragment_bytes`; returns all that is answered.
  /// Small requests that are sent in one go are one batch, carried out at one moment: only then can
  /// the seconds that an item has left be told exactly.
  std::string Send(std::string_view bytes);
  std::string SendCut(std::string_view bytes, size_t fragment_bytes);

  /// Goes on without new bytes, as after a wake.
  std::string Resume() { return Send({}); }

  /// Ends the upload under way, as for a client that is too slow.
  std::string EndSlowUpload();

  bool closed() const { return closed_; }
  bool waiting() const { return waiting_; }
  size_t wake_count() const { return wake_count_; }
  size_t flush_count() const { return flush_count_; }
  size_t yield_count() const { return yield_count_; }
  const Session& session() const { return session_; }

 private:
  void Wake(uint64_t /*party*/) override { ++wake_count_; }
  void Receive(std::string_view bytes);
  void Serve();
  void TakeReplies();

  std::vector<char> scratch_;
  ReplyBuffer replies_;
  size_t wake_count_ = 0;
  Session session_;
  std::string input_;  // received and not consumed
  std::string output_;
  size_t flush_count_ = 0;
  size_t yield_count_ = 0;
  bool closed_ = false;
  bool waiting_ = false;
};

/// A value of `bytes` bytes in which every place looks different from its neighbours.
std::string Pattern(size_t bytes);

/// `<command line>\r\n<value>\r\n`
std::string Storage(std::string_view line, std::string_view value);

/// What get answers for a hit without client flags: `VALUE <key> 0 <bytes>\r\n<value>\r\n`
std::string ValueBlock(std::string_view key, std::string_view value);

/// The value of the line `STAT <name> <value>` in a reply to stats; empty without such a line.
std::string StatOf(std::string_view reply, std::string_view name);

}  // namespace quarry::command
