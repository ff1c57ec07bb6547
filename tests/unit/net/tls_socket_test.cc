#include "daemon/net/tls_socket.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/ssl.h>

#include "daemon/net/heap_budget.h"
#include "daemon/net/openssl_handles.h"
#include "daemon/net/tls_scratch.h"
#include "tests/support/catch.h"
#include "tests/unit/net/socket_pair.h"

namespace quarry::net {
namespace {

/// A socket that keeps what was sent in one call apart from the next, and OpenSSL's end of it.
class Fixture {
 public:
  Fixture() : socket_(sockets_.first.value()) {
    REQUIRE(socket_.Attach(ssl_.get()));
    bio_ = SSL_get_wbio(ssl_.get());
  }

  TlsSocket& socket() { return socket_; }
  std::span<char> room() { return room_; }

  /// As OpenSSL writes a record: how much of it was taken, or -1.
  int Write(std::string_view record) {
    return BIO_write(bio_, record.data(), static_cast<int>(record.size()));
  }
  bool WouldWriteLater() { return BIO_should_write(bio_) != 0; }

  /// What the next call that the peer has not seen has sent; empty: there is none.
  std::string NextSent() {
    std::string sent(size_t{1} << 17, '\0');
    const ssize_t bytes = recv(sockets_.second.value(), sent.data(), sent.size(), 0);
    sent.resize(bytes > 0 ? static_cast<size_t>(bytes) : 0);
    return sent;
  }
  void PeerSends(std::string_view bytes) {
    REQUIRE(send(sockets_.second.value(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void PeerEnds() { REQUIRE(shutdown(sockets_.second.value(), SHUT_WR) == 0); }
  void PeerLeaves() { sockets_.second = FileDescriptor(); }
  BIO* bio() { return bio_; }

 private:
  SocketPair sockets_{SOCK_SEQPACKET};
  TlsSocket socket_;
  SslContextHandle context_{SSL_CTX_new(TLS_server_method())};
  SslHandle ssl_{SSL_new(context_.get())};
  BIO* bio_ = nullptr;
  std::vector<char> room_ = std::vector<char>(TlsSocket::kMaxRecordBytes * 2);
};

TEST_CASE("Records leave at once, and those of a batch in one call") {
  Fixture fixture;
  REQUIRE(fixture.Write("alone") == 5);
  REQUIRE(fixture.NextSent() == "alone");
  fixture.socket().BeginBatch(fixture.room());
  REQUIRE(fixture.Write("one") == 3);
  REQUIRE(fixture.Write("two") == 3);
  REQUIRE(fixture.NextSent().empty());
  REQUIRE(fixture.socket().Flush());
  REQUIRE(fixture.NextSent() == "onetwo");
  REQUIRE_FALSE(fixture.socket().has_kept());
}

TEST_CASE("A batch has room until the largest record does not fit") {
  Fixture fixture;
  const std::string record(SSL3_RT_MAX_PLAIN_LENGTH + 22, 'x');
  fixture.socket().BeginBatch(fixture.room());
  REQUIRE(fixture.socket().BatchHasRoom());
  fixture.Write(record);
  REQUIRE(fixture.socket().BatchHasRoom());
  fixture.Write(record);
  REQUIRE_FALSE(fixture.socket().BatchHasRoom());
  REQUIRE(fixture.socket().Flush());
  REQUIRE(fixture.NextSent() == record + record);
}

TEST_CASE("A record that finds no room in its batch follows what was gathered before it") {
  Fixture fixture;
  const std::string record(fixture.room().size() - 10, 'x');
  fixture.socket().BeginBatch(fixture.room());
  REQUIRE(fixture.Write(record) == static_cast<int>(record.size()));
  REQUIRE(fixture.Write("longer than ten") == 15);
  REQUIRE(fixture.Write("short") == 5);
  REQUIRE(fixture.NextSent() == record);
  REQUIRE(fixture.NextSent() == "longer than ten");
  REQUIRE(fixture.NextSent().empty());
  REQUIRE(fixture.socket().Flush());
  REQUIRE(fixture.NextSent() == "short");
}

TEST_CASE("Where the socket takes nothing, neither does a batch that is full") {
  Fixture fixture;
  const std::string filler(1000, 'f');
  while (fixture.Write(filler) == 1000) {
  }
  const std::string record(fixture.room().size() - 10, 'x');
  fixture.socket().BeginBatch(fixture.room());
  REQUIRE(fixture.Write(record) == static_cast<int>(record.size()));
  REQUIRE(fixture.Write("longer than ten") == -1);
  REQUIRE(fixture.WouldWriteLater());
  REQUIRE(fixture.Write("short") == -1);
  REQUIRE(fixture.socket().Flush());
  REQUIRE(fixture.socket().kept_bytes() >= record.size());
  while (fixture.NextSent() == filler) {
  }
  REQUIRE(fixture.socket().Flush());
  REQUIRE_FALSE(fixture.socket().has_kept());
  REQUIRE(fixture.NextSent() == record);
}

TEST_CASE("What the socket does not take is kept, and leaves before anything else") {
  Fixture fixture;
  const std::string filler(1000, 'f');
  int filled = 0;
  while (fixture.Write(filler) == 1000) {
    ++filled;
  }
  REQUIRE(fixture.WouldWriteLater());
  fixture.socket().BeginBatch(fixture.room());
  fixture.Write("kept");
  REQUIRE(fixture.socket().Flush());
  REQUIRE(fixture.socket().has_kept());
  REQUIRE(fixture.Write("later") == -1);
  REQUIRE(fixture.WouldWriteLater());
  for (; filled > 0; --filled) {
    REQUIRE(fixture.NextSent() == filler);
  }
  REQUIRE(fixture.Write("later") == 5);
  REQUIRE_FALSE(fixture.socket().has_kept());
  REQUIRE(fixture.NextSent() == "kept");
  REQUIRE(fixture.NextSent() == "later");
}

TEST_CASE("When the reads that were allowed are done, the socket seems empty") {
  Fixture fixture;
  std::array<char, 10> room = {};
  for (const std::string_view bytes : {"one", "two", "three"}) {
    fixture.PeerSends(bytes);
  }
  fixture.socket().AllowReads(2);
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == 3);
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == 3);
  REQUIRE_FALSE(fixture.socket().wanted_more_reads());
  for (int times = 0; times < 2; ++times) {
    REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == -1);
    REQUIRE(BIO_should_read(fixture.bio()) != 0);
    REQUIRE(fixture.socket().wanted_more_reads());
  }
  fixture.socket().AllowReads(1);
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == 5);
}

TEST_CASE("OpenSSL is told apart whether nothing is there, nothing will be, or the peer has gone") {
  Fixture fixture;
  std::array<char, 10> room = {};
  fixture.socket().AllowReads(10);
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) < 0);
  REQUIRE(BIO_should_read(fixture.bio()) != 0);
  fixture.PeerSends("abc");
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == 3);
  REQUIRE(BIO_eof(fixture.bio()) == 0);
  fixture.PeerEnds();
  REQUIRE(BIO_read(fixture.bio(), room.data(), 10) == 0);
  REQUIRE(BIO_should_retry(fixture.bio()) == 0);
  REQUIRE(BIO_eof(fixture.bio()) == 1);
  fixture.PeerLeaves();
  REQUIRE(fixture.Write("x") == -1);
  REQUIRE(BIO_should_retry(fixture.bio()) == 0);
  fixture.socket().BeginBatch(fixture.room());
  REQUIRE(fixture.Write("y") == 1);
  REQUIRE_FALSE(fixture.socket().Flush());
}

TEST_CASE("A batch is one record while memory for what sockets do not take is scarce") {
  HeapBudget budget;
  TlsScratch scratch(TlsSocket::kMaxRecordBytes * 8, budget);
  REQUIRE(scratch.gathered().size() == SSL3_RT_MAX_PLAIN_LENGTH);
  REQUIRE(scratch.batch().size() >= 2 * TlsSocket::kMaxRecordBytes);
  uint32_t charged = 0;
  budget.Charge(HeapBudget::kFreeBytes + static_cast<size_t>(HeapBudget::kBytes / 2), charged);
  REQUIRE_FALSE(budget.is_tight());
  REQUIRE(scratch.batch().size() == TlsSocket::kMaxRecordBytes);
}

}  // namespace
}  // namespace quarry::net
