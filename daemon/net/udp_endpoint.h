#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/server_status.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"
#include "daemon/net/socket_address.h"
#include "daemon/net/socket_poll.h"
#include "daemon/net/udp_frame.h"

namespace quarry::net {

/// Answers the requests that come to one UDP socket. Each datagram is a conversation of its own,
/// which begins and ends with it: what it leaves unfinished is forgotten, and a reply that the
/// socket does not take is lost, as datagrams are. So is one that would have to wait for others,
/// with all that it has in front of that.
///
/// Whoever sends a datagram can put another's address under it, so a reply must not be much larger
/// than its request: at most reply_factor times, QUIC's rule (RFC 9000, section 8.1). What would
/// be larger is an error instead, where that one fits: a line of text, or a packet for the first of
/// the datagram's. Clients on this machine, whose addresses cannot come from elsewhere, are
/// answered whole, as far as a reply can be made while others wait.
///
/// Belongs to the thread of its worker.
class UdpEndpoint {
 public:
  struct Options {
    uint32_t reply_factor = 3;  ///< 0: replies of any size to everybody
  };
  /// What the endpoint uses of its worker, which outlives it.
  struct Context {
    EventLoop& loop;
    command::Executor& executor;
    command::WorkerCounters& counters;
    command::ReplyBuffer& replies;  ///< empty between turns
  };

  /// `socket` is bound and non-blocking.
  UdpEndpoint(const Context& context, FileDescriptor socket, Options options);

  /// Begins to answer. False when the event loop refuses.
  [[nodiscard]] bool Start();

 private:
  /// Datagrams that one turn answers, so that connections have theirs. One whose session would let
  /// others have their turn is the last.
  static constexpr int kMaxDatagramsPerTurn = 16;
  /// How often such a session may go on nevertheless: nothing of it can be kept until the next
  /// turn.
  static constexpr int kMaxYieldsPerTurn = 8;
  /// The largest datagram there is.
  static constexpr size_t kMaxDatagramBytes = 65536;
  /// The longest reply: some more than a value of the default item limit.
  static constexpr size_t kMaxReplyBytes = size_t{5} << 18;

  void OnReadable();
  void Answer(std::string_view datagram, const SocketAddress& client);
  bool Execute(std::string_view request, size_t max_reply_bytes);
  void ReplyTooLarge(std::string_view request);
  bool TakeReplies(size_t max_reply_bytes);
  size_t MaxReplyBytes(size_t datagram_bytes, const SocketAddress& client) const;
  void Send(uint16_t request_id, const SocketAddress& client);

  command::Executor& executor_;
  command::WorkerCounters& counters_;
  command::ReplyBuffer& replies_;
  const FileDescriptor socket_;
  const Options options_;
  SocketEvent readable_;
  std::vector<char> datagram_;
  std::string reply_;  // to the request in hand
  int yields_ = 0;     // of this turn
};

}  // namespace quarry::net
