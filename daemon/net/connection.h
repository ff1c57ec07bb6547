#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "daemon/command/server_status.h"
#include "daemon/command/session.h"
#include "daemon/net/accepted.h"
#include "daemon/net/event.h"
#include "daemon/net/input.h"
#include "daemon/net/pace.h"
#include "daemon/net/socket_poll.h"
#include "daemon/net/stream.h"

namespace quarry::net {

class Round;
struct RoundPart;
class Worker;

/// One client: moves bytes between its socket and its session, a bounded share in each turn.
///
///              .--> kReading ------ readable -----> one turn (Work) --.
///              |    kSending ------ writable, and all sent -----^     |
///              |    kWaiting ------ the session's wake ---------^     |
///              |    kDeferred ----- the loop's next turn -------^     |
///              '------------------------------------------------------'
///
/// While replies are unsent nothing is executed, so a client that does not read gets no more
/// memory. A connection in which nothing is under way owns no buffer: turns use the worker's.
///
/// Everything belongs to the worker's thread, except Describe. Whatever makes the connection act
/// may end it, and then destroys it before it returns.
class Connection {
 public:
  /// `worker` owns the connection and knows it by `id`. The listener has counted it as current; the
  /// destructor counts it out.
  Connection(Worker& worker, uint64_t id, Accepted accepted);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  uint64_t id() const { return id_; }

  /// Begins to read.
  void Start();

  /// The engine has the room that the session waits for.
  void Wake();

  /// Goes on after a turn that used up its share.
  void Resume();

  /// To be called about once a second while clients wait for memory. If others wait for what this
  /// one holds, and it is slow, it must give it back: a value that is arriving is answered with an
  /// error, and one that is being sent ends the connection.
  void CheckPace(uint32_t now_sec);

  /// Ends the connection if nothing has come from its client for more than `timeout_sec` while it
  /// was the client's turn.
  void CheckIdle(uint32_t now_sec, uint32_t timeout_sec);

  /// Answers what has arrived, waits for the rest of a request that has begun, and then ends.
  void Drain();

  /// Any thread, while the connection cannot be destroyed. `now_sec` is the clock's floor_sec.
  command::ConnectionInfo Describe(uint32_t now_sec) const;

  /// For Round: answers what was gathered of it. False where more is to be done at once, which
  /// GoOn does once all have answered, in a turn that begins with what is left of `part`.
  bool Answer(RoundPart& part);
  void GoOn(const RoundPart& part);

 private:
  enum class State : uint8_t {
    kReading,    ///< for bytes to come
    kSending,    ///< for the socket to take the unsent replies, or what TLS has to write
    kWaiting,    ///< for room in the engine
    kDeferred,   ///< for other connections to have their turn
    kLingering,  ///< for the peer to acknowledge the last replies of all
    kClosed,
  };

  /// The state in memcached's terms.
  enum class Shown : uint8_t {
    kRead,
    kPartlyRead,  ///< a value, or the rest of a large one, is missing
    kWrite,
    kWatch,
    kExecute,
    kClosing,
  };

  Gathered Gather();
  void OnSocketEvent(uint32_t happened);
  void OnObstacleEvent(uint32_t happened);
  void OnWritable();
  void OnClosingTimer(EventFlags happened);
  void OnLingerTimer(EventFlags happened);

  State Work(bool may_read, std::string_view arrived = {}, size_t spent_bytes = 0);
  Stream::Received Receive(ReadBuffer& input, bool& may_consume);
  /// How much to read where that is not as much as there is room for.
  size_t BytesToRead(const ReadBuffer& input);
  Stream::Received ReceiveBody(ReadBuffer& input);
  bool IsStreaming() const;
  Stream::Received ReadBody(ReadBuffer& input);
  void NoteReceived(const Stream::Received& received, const ReadBuffer& input, bool& may_consume);
  size_t Execute(Worker& worker, ReadBuffer& input, bool& asked_little);
  State Rest(bool had_its_share) const;
  bool IsBlocked() const;
  bool HearOfAnyInput();
  void EndUpload();
  void ChargeHeap();
  void Enter(State next);
  bool ArmFor(State next);
  bool ArmForSending();
  /// What brings unsent replies on: EPOLLOUT, or EPOLLIN where TLS has to read first.
  uint32_t WantedForSending() const;
  template <auto Method>
  bool StartTimer(const timeval& interval);
  void DropInput();
  Shown StateToShow() const;
  static const char* WordOf(Shown shown);
  const char* EndReason() const;

  Worker& worker_;
  const uint64_t id_;
  Stream stream_;
  command::Session session_;
  HeldInput held_;
  SocketEvent socket_event_;      // wants what the state waits for
  std::unique_ptr<Event> timer_;  // of a state that lasts no longer than some time; or null
  std::unique_ptr<Pace> pace_;    // null unless somebody has waited for what this one holds
  uint32_t charged_bytes_ = 0;    // see HeapBudget
  State state_ = State::kReading;
  // Bits, so that none of several is one look.
  bool owes_consume_ : 1 = false;      // the session has more to do with the input that it has seen
  bool waits_for_engine_ : 1 = false;  // until Wake
  bool closing_ : 1 = false;           // as soon as all replies are sent
  bool draining_ : 1 = false;
  bool expects_large_value_ : 1 = false;  // with the next read
  bool in_deferred_queue_ : 1 = false;    // the worker's; once at a time
  bool was_idle_ : 1 = false;             // and is closed for it
  bool asks_little_ : 1 = false;  // in its last turn; now it reads, and nothing is under way
  // Written by the worker, read by Describe; nothing else depends on them, so they are relaxed.
  std::atomic<Shown> shown_ = Shown::kRead;
  std::atomic<uint32_t> last_active_sec_;
};

}  // namespace quarry::net
