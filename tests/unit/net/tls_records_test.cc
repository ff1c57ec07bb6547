// A TLS channel and a client that sends records as it likes.

#include "tests/unit/net/tls_records.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/catch.h"
#include "tests/unit/net/tls_ends.h"

namespace quarry::net {
namespace {

/// A channel with its handshake done, and the client's records.
class Fixture {
 public:
  Fixture()
      : ends_([this](SSL_CTX* context) { records_ = std::make_unique<TlsRecords>(context); }) {
    ends_.ShakeHands();
  }

  TlsRecords& records() { return *records_; }
  TlsChannel& server() { return ends_.server(); }

  void ClientSends(std::string_view bytes) {
    REQUIRE(send(ends_.client_socket(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void ClientEnds() { REQUIRE(shutdown(ends_.client_socket(), SHUT_WR) == 0); }
  std::string ClientReads() { return ends_.ClientReads(); }

  TlsChannel::Received Read() {
    room_.assign(100, '\0');
    const std::array<iovec, 1> vectors = {Piece(room_)};
    const TlsChannel::Received received = server().Read(vectors);
    room_.resize(received.bytes);
    return received;
  }
  /// What the last Read has brought.
  const std::string& read() const { return room_; }
  TlsChannel::Sent Write(std::string text) {
    const std::array<iovec, 1> pieces = {Piece(text)};
    return server().Write(pieces);
  }
  /// Bytes that nobody has taken from the server's socket.
  int UnreadBytes() {
    int bytes = 0;
    REQUIRE(ioctl(ends_.server_socket(), FIONREAD, &bytes) == 0);
    return bytes;
  }

 private:
  std::unique_ptr<TlsRecords> records_;
  Ends ends_;
  std::string room_;
};

constexpr std::string_view kBeginning = TlsRecords::kKeyUpdate.substr(0, 4);
constexpr std::string_view kRest = TlsRecords::kKeyUpdate.substr(4);

TEST_CASE("A write that has to read first, and will find nothing, fails") {
  Fixture fixture;
  fixture.ClientSends(fixture.records().Handshake(kBeginning));
  REQUIRE(fixture.Read().bytes == 0);
  const bool with_notice = GENERATE(false, true);
  if (with_notice) {
    fixture.ClientSends(fixture.records().CloseNotify());
  } else {
    fixture.ClientEnds();
  }
  REQUIRE(fixture.Write("reply").broken);
  REQUIRE(fixture.Read().ended);
  REQUIRE_FALSE(fixture.server().has_input());
}

TEST_CASE("What a write takes from the socket, as it has to read first, is told") {
  Fixture fixture;
  fixture.ClientSends(fixture.records().Handshake(kBeginning));
  REQUIRE(fixture.Read().bytes == 0);
  REQUIRE(fixture.Write("reply").bytes == 0);
  REQUIRE(fixture.server().write_wants_read());
  std::string records = fixture.records().Handshake(kRest);
  fixture.records().UpdateKeys();
  records += fixture.records().Data("mn\r\n");
  fixture.ClientSends(records);
  const TlsChannel::Sent sent = fixture.Write("reply");
  REQUIRE((sent.bytes == 5 && !sent.broken));
  REQUIRE(fixture.ClientReads() == "reply");
  REQUIRE(fixture.server().has_input());
  REQUIRE(fixture.Read().bytes == 4);
  REQUIRE(fixture.read() == "mn\r\n");
  REQUIRE_FALSE(fixture.server().has_input());
}

TEST_CASE("A client that breaks the protocol behind a request stays found out") {
  Fixture fixture;
  std::string records = fixture.records().Data("abc");
  records += fixture.records().Data("forged");
  records.back() = static_cast<char>(records.back() ^ 1);
  fixture.ClientSends(records);
  REQUIRE(fixture.Read().bytes == 3);
  REQUIRE(fixture.server().has_input());
  for (int times = 0; times < 2; ++times) {
    const TlsChannel::Received received = fixture.Read();
    REQUIRE((received.ended && received.bytes == 0));
    REQUIRE_FALSE(fixture.server().has_input());
    REQUIRE(fixture.server().is_violated());
    REQUIRE(fixture.server().system_error() == 0);
  }
}

TEST_CASE("One read ends, however many changes of keys a client sends") {
  constexpr int kChanges = 3000;
  Fixture fixture;
  std::string records;
  for (int i = 0; i < kChanges; ++i) {
    records += fixture.records().Handshake(TlsRecords::kKeyUpdate);
    fixture.records().UpdateKeys();
  }
  records += fixture.records().Data("mn\r\n");
  fixture.ClientSends(records);
  int reads = 0;
  for (TlsChannel::Received received; received.bytes == 0; ++reads) {
    const int unread_bytes = fixture.UnreadBytes();
    received = fixture.Read();
    REQUIRE_FALSE(received.ended);
    REQUIRE(unread_bytes - fixture.UnreadBytes() <= int{2 * TlsSocket::kMaxRecordBytes});
    REQUIRE((fixture.server().has_input() || received.bytes > 0));
  }
  REQUIRE(fixture.read() == "mn\r\n");
  REQUIRE(reads > 1);
}

}  // namespace
}  // namespace quarry::net
