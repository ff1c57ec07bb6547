#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/admission.h"
#include "core/base/clock.h"
#include "core/engine.h"
#include "daemon/command/executor.h"
#include "daemon/command/reply_buffer.h"
#include "daemon/command/session.h"
#include "daemon/net/event.h"
#include "daemon/net/file_descriptor.h"
#include "daemon/net/udp_endpoint.h"
#include "tests/support/catch.h"

namespace quarry::net {
namespace {

/// Goes through the whole cache for one line of reply.
constexpr std::string_view kLongWay = "stats sizes\r\n";

FileDescriptor BoundToLoopback() {
  FileDescriptor bound(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(bound.value(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  return bound;
}

std::string Joined(const std::vector<std::string>& texts) {
  return std::accumulate(texts.begin(), texts.end(), std::string());
}

/// An endpoint whose loop turns only when the test lets it, and a client of it.
class Turns {
 public:
  explicit Turns(int item_count) {
    context_.engine = engine_.get();
    context_.clock = &clock_;
    context_.track_sizes = true;
    context_.workers = std::vector<command::WorkerCounters>(1);
    executor_ = std::make_unique<command::Executor>(context_, context_.workers[0]);
    Store(item_count);
    FileDescriptor socket = BoundToLoopback();
    sockaddr_storage address = {};
    socklen_t size = sizeof(address);
    REQUIRE(getsockname(socket.value(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    REQUIRE(connect(client_.value(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    endpoint_ = std::make_unique<UdpEndpoint>(
        UdpEndpoint::Context{*loop_, *executor_, context_.workers[0], replies_}, std::move(socket),
        UdpEndpoint::Options{});
    REQUIRE(endpoint_->Start());
    // Something else to wait for: else the input poll would wait by itself and a turn not end.
    constexpr timeval kMuchLater = {.tv_sec = 3600, .tv_usec = 0};
    much_later_.Assign<&Turns::OnMuchLater>(*loop_, -1, 0, this);
    REQUIRE(much_later_.Add(&kMuchLater));
  }

  void Send(std::string_view request) {
    std::string datagram(8, '\0');
    datagram[5] = 1;
    datagram += request;
    REQUIRE(send(client_.value(), datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
  }

  /// Carries out what is not answered.
  void Do(std::string_view requests) {
    command::Session session(*executor_);
    REQUIRE(session.Consume(requests, replies_).consumed == requests.size());
    REQUIRE(replies_.empty());
  }
  core::Engine& engine() { return *engine_; }

  /// Lets the endpoint have one turn; the replies that came of it.
  std::vector<std::string> Take() {
    REQUIRE(event_base_loop(loop_->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK) == 0);
    std::vector<std::string> replies;
    std::array<char, 2048> datagram = {};
    for (;;) {
      const ssize_t count = recv(client_.value(), datagram.data(), datagram.size(), 0);
      if (count < 8) {
        return replies;
      }
      replies.emplace_back(datagram.data() + 8, static_cast<size_t>(count) - 8);
    }
  }

 private:
  void OnMuchLater(EventFlags) { FAIL("the test takes an hour"); }
  void Store(int item_count) {
    for (int i = 0; i < item_count; ++i) {
      Do("ms " + std::to_string(10'000 + i) + " 0 q\r\n\r\n");
    }
  }

  Clock clock_;
  std::unique_ptr<core::Engine> engine_ = *core::Engine::Create({});
  command::ServerContext context_;
  std::unique_ptr<command::Executor> executor_;
  std::array<char, 65536> scratch_ = {};
  command::ReplyBuffer replies_{scratch_};
  std::unique_ptr<EventLoop> loop_ = *EventLoop::Create();
  Event much_later_;
  FileDescriptor client_ = BoundToLoopback();
  std::unique_ptr<UdpEndpoint> endpoint_;
};

TEST_CASE("One turn answers many short requests") {
  Turns turns(0);
  for (int i = 0; i < 17; ++i) {
    turns.Send("mn\r\n");
  }
  REQUIRE(turns.Take() == std::vector<std::string>(16, "MN\r\n"));
  REQUIRE(turns.Take() == std::vector<std::string>{"MN\r\n"});
}

TEST_CASE("A datagram that takes long is the last of its turn") {
  Turns turns(5000);
  turns.Send("mn\r\n");
  turns.Send(kLongWay);
  turns.Send(kLongWay);
  turns.Send("mn\r\n");
  const std::string sizes = "STAT 64 5000\r\nEND\r\n";
  REQUIRE(turns.Take() == std::vector<std::string>{"MN\r\n", sizes});
  REQUIRE(turns.Take() == std::vector<std::string>{sizes});
  REQUIRE(turns.Take() == std::vector<std::string>{"MN\r\n"});
}

TEST_CASE("A reply that takes several times as long is given up") {
  Turns turns(50'000);
  turns.Send(kLongWay);
  turns.Send("mn\r\n");
  REQUIRE(turns.Take() == std::vector<std::string>{"SERVER_ERROR too large for UDP\r\n"});
  REQUIRE(turns.Take() == std::vector<std::string>{"MN\r\n"});
}

TEST_CASE("A reply that has to wait for others is lost as a whole") {
  Turns turns(0);
  turns.Do("ms small 1 q\r\nx\r\nms large 5000 q\r\n" + std::string(5000, 'y') + "\r\n");
  turns.Send("get small\r\n");
  const std::string small = "VALUE small 0 1\r\nx\r\n";
  REQUIRE(turns.Take() == std::vector<std::string>{small + "END\r\n"});
  {
    core::AdmissionTicket other;
    REQUIRE(turns.engine().admission().Admit(other, core::ClaimKind::kPin, uint64_t{1} << 40));
    turns.Send("get small large\r\n");
    turns.Send("mn\r\n");
    REQUIRE(turns.Take() == std::vector<std::string>{"MN\r\n"});
  }
  turns.Send("get small large small\r\n");
  const std::string values = Joined(turns.Take());
  REQUIRE(values ==
          small + "VALUE large 0 5000\r\n" + std::string(5000, 'y') + "\r\n" + small + "END\r\n");
}

}  // namespace
}  // namespace quarry::net
