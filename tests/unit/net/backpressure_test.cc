#include <cstdint>
#include <string>
#include <string_view>

#include "core/admission.h"
#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/net/client.h"
#include "tests/unit/net/running_server.h"

namespace quarry::net {
namespace {

constexpr int kSmallReceiveBuffer = 4096;

RunningServer::Settings OneWorker() {
  auto settings = RunningServer::Defaults();
  settings.server.worker_count = 1;
  return settings;
}

/// True when one of the connections is in `state`.
bool HasConnectionInState(RunningServer& server, const std::string& state) {
  for (const command::ConnectionInfo& info : server.server().ListConnections()) {
    if (info.state == state) {
      return true;
    }
  }
  return false;
}

TEST_CASE("A slow reader of large values holds nobody up and loses nothing") {
  RunningServer server(OneWorker());
  Client slow(server.port(), kSmallReceiveBuffer);
  Client other(server.port());
  const std::string value(700'000, 'v');
  REQUIRE(other.Answers("set k 0 0 700000\r\n" + value + "\r\n", "STORED\r\n"));
  constexpr int kRequests = 10;
  const auto ask = [&slow] {
    for (int i = 0; i < kRequests; ++i) {
      slow.Send("get k\r\nmn\r\n");
    }
  };
  ask();
  REQUIRE(Eventually([&] { return HasConnectionInState(server, "conn_mwrite"); }));
  REQUIRE(other.Answers("set k 0 0 3\r\nnew\r\n", "STORED\r\n"));
  ask();

  const std::string old_hit = "VALUE k 0 700000\r\n" + value + "\r\nEND\r\nMN\r\n";
  const std::string new_hit = "VALUE k 0 3\r\nnew\r\nEND\r\nMN\r\n";
  int new_hits = 0;
  for (int i = 0; i < 2 * kRequests; ++i) {
    CAPTURE(i);
    const std::string head = slow.ReadLine();
    const bool is_new = head == "VALUE k 0 3\r\n";
    new_hits += is_new ? 1 : 0;
    const std::string& hit = is_new ? new_hit : old_hit;
    REQUIRE(head == hit.substr(0, head.size()));
    REQUIRE(slow.Read(hit.size() - head.size()) == hit.substr(head.size()));
  }
  REQUIRE(new_hits >= kRequests);
}

TEST_CASE("A client that does not read is not read either, and gets everything in the end") {
  RunningServer server(OneWorker());
  Client client(server.port(), kSmallReceiveBuffer);
  REQUIRE(client.Answers("set k 0 0 1000\r\n" + std::string(1000, 'v') + "\r\n", "STORED\r\n"));
  constexpr int kRequests = 20'000;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    requests += "get k\r\n";
  }
  client.Send(requests);
  REQUIRE(Eventually([&] { return HasConnectionInState(server, "conn_mwrite"); }));
  REQUIRE(server.context().workers.front().bytes_read.load() < requests.size());
  const std::string hit = "VALUE k 0 1000\r\n" + std::string(1000, 'v') + "\r\nEND\r\n";
  for (int i = 0; i < kRequests; ++i) {
    REQUIRE(client.Read(hit.size()) == hit);
  }
  REQUIRE(client.Answers("mn\r\n", "MN\r\n"));
}

TEST_CASE("A client that hangs up with replies unsent is noticed") {
  RunningServer server(OneWorker());
  Client client(server.port(), kSmallReceiveBuffer);
  REQUIRE(
      client.Answers("set k 0 0 700000\r\n" + std::string(700'000, 'v') + "\r\n", "STORED\r\n"));
  for (int i = 0; i < 30; ++i) {
    client.Send("get k\r\n");
  }
  REQUIRE(Eventually([&] { return HasConnectionInState(server, "conn_mwrite"); }));
  client.Close();
  REQUIRE(Eventually([&] { return server.connection_count() == 0; }));
}

/// Takes all the room that uploads share, so that the next one has to wait.
struct FullAdmission {
  explicit FullAdmission(RunningServer& server) {
    REQUIRE(server.engine().admission().Admit(ticket, core::ClaimKind::kUpload, UINT64_MAX / 2));
  }

  core::AdmissionTicket ticket;
};

constexpr size_t kUploadBytes = 700'000;
constexpr std::string_view kUploadHead = "set k 0 0 700000\r\n";

TEST_CASE("An upload waits for room unread, and is stored when the room has come") {
  RunningServer server(OneWorker());
  Client client(server.port());
  FullAdmission full(server);
  const std::string value(kUploadBytes, 'v');
  client.Send(std::string(kUploadHead) + value + "\r\nmn\r\n");
  REQUIRE(Eventually([&] { return server.engine().admission().has_waiters(); }));
  REQUIRE(server.context().workers.front().bytes_read.load() < kUploadBytes);
  Client other(server.port());
  REQUIRE(other.Answers("mn\r\n", "MN\r\n"));
  full.ticket.Release();
  REQUIRE(client.ReadLine() == "STORED\r\n");
  REQUIRE(client.ReadLine() == "MN\r\n");
  REQUIRE(client.Answers("get k\r\n", "VALUE k 0 700000\r\n" + value + "\r\nEND\r\n"));
}

TEST_CASE("An upload that nothing follows is stored as soon as its last byte is there") {
  RunningServer server(OneWorker());
  Client client(server.port());
  const std::string value(kUploadBytes, 'v');
  const std::string request = RequestBytes({0x01, StoreExtras(0), "k", value});
  // The second part goes to item memory, and leaves nothing for the session to read.
  client.Send(std::string_view(request).substr(0, kUploadBytes / 2));
  REQUIRE(Eventually(
      [&] { return server.context().workers.front().bytes_read.load() == kUploadBytes / 2; }));
  client.Send(std::string_view(request).substr(kUploadBytes / 2));
  REQUIRE(client.Read(8) == ReplyBytes({.opcode = 0x01}).substr(0, 8));
  Client other(server.port());
  REQUIRE(other.Answers("get k\r\n", "VALUE k 0 700000\r\n" + value + "\r\nEND\r\n"));
}

TEST_CASE("A quiet flood in binary whose replies nobody reads is not read either") {
  RunningServer server(OneWorker());
  Client client(server.port(), kSmallReceiveBuffer);
  Client other(server.port());
  const std::string value(1000, 'v');
  REQUIRE(other.Answers("set k 0 0 1000\r\n" + value + "\r\n", "STORED\r\n"));
  constexpr uint32_t kRequests = 20'000;
  std::string requests;
  for (uint32_t i = 0; i < kRequests; ++i) {
    requests += RequestBytes({0x0d, "", "k", "", i});
  }
  client.Send(requests);
  REQUIRE(Eventually([&] { return HasConnectionInState(server, "conn_mwrite"); }));
  REQUIRE(server.context().workers.front().bytes_read.load() < requests.size());
  REQUIRE(other.Answers("mn\r\n", "MN\r\n"));
  const size_t hit_bytes = ReplyBytes({0x0d, Big(0, 4), "k", value}).size();
  for (uint32_t i = 0; i < kRequests; ++i) {
    const std::string hit = client.Read(hit_bytes);
    REQUIRE(hit.substr(12, 4) == Big(i, 4));
    REQUIRE(hit.ends_with("k" + value));
  }
}

TEST_CASE("A connection that breaks while it waits for room is noticed and leaves the queue") {
  RunningServer server(OneWorker());
  Client client(server.port());
  FullAdmission full(server);
  client.Send(std::string(kUploadHead) + std::string(1000, 'v'));
  REQUIRE(Eventually([&] { return server.engine().admission().has_waiters(); }));
  client.Send(std::string(1000, 'v'));
  client.Reset();
  REQUIRE(Eventually([&] {
    return server.connection_count() == 0 && !server.engine().admission().has_waiters();
  }));
}

TEST_CASE("A client that has sent its whole upload and left off sending may wait for room too") {
  RunningServer server(OneWorker());
  Client client(server.port());
  FullAdmission full(server);
  client.Send(std::string(kUploadHead) + std::string(kUploadBytes, 'v') + "\r\n");
  client.FinishSending();
  REQUIRE(Eventually([&] { return server.engine().admission().has_waiters(); }));
  full.ticket.Release();
  REQUIRE(client.ReadLine() == "STORED\r\n");
  REQUIRE(client.AtEnd());
}

}  // namespace
}  // namespace quarry::net
