#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "tests/support/catch.h"
#include "tests/support/packet.h"
#include "tests/unit/command/conversation.h"

namespace {

std::atomic<size_t> allocation_count{0};

}  // namespace

// Counts what this program allocates.
void* operator new(size_t bytes) {
  allocation_count.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes)) {
    return memory;
  }
  throw std::bad_alloc();
}
void* operator new(size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
  allocation_count.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t /*bytes*/) noexcept {
  std::free(memory);
}

namespace quarry::command {
namespace {

/// Carries out `script` again and again, and counts what that allocates.
void RequireNoAllocation(const std::string& script) {
  Server server;
  std::array<char, Session::kMinReplyRoom> scratch{};
  ReplyBuffer replies(scratch);
  Session session(server.executor());
  session.Consume(script, replies);  // The first items of their sizes may take new pages.
  const std::string answer(replies.text());
  for (size_t i = 0; i < 10; ++i) {
    replies.Clear();
    const size_t before = allocation_count;
    const Session::Progress progress = session.Consume(script, replies);
    const size_t after = allocation_count;
    REQUIRE(after - before == 0);
    REQUIRE(progress.consumed == script.size());
    REQUIRE(replies.text().size() >= answer.size());
  }
}

TEST_CASE("Small requests are carried out without an allocation") {
  RequireNoAllocation(
      "set a 0 0 5\r\nhello\r\nget a\r\nget a b a\r\ngets a\r\nadd a 0 0 1\r\nx\r\ntouch a 0\r\n"
      "mg a s v t\r\nms Zm9v 2 b T100\r\n10\r\nincr foo 1\r\nma foo v\r\nmd foo\r\ndelete b\r\n"
      "mn\r\nbogus\r\nversion\r\n");
}

TEST_CASE("Small binary requests are carried out without an allocation") {
  RequireNoAllocation(
      RequestBytes({0x01, StoreExtras(7), "a", "hello"}) + RequestBytes({0x00, "", "a"}) +
      RequestBytes({0x0d, "", "gone"}) + RequestBytes({0x0c, "", "gone"}) +
      RequestBytes({0x02, StoreExtras(0), "a", "x"}) + RequestBytes({0x1d, Big(0, 4), "a"}) +
      RequestBytes({0x19, "", "a", "!"}) + RequestBytes({0x05, CountExtras(1, 10, 0), "n"}) +
      RequestBytes({0x04, "", "n"}) + RequestBytes({0x0a}) + RequestBytes({0x77, "", "key"}) +
      RequestBytes({0x0b}));
}

TEST_CASE("A session is small") {
  REQUIRE(sizeof(Session) <= 320);
}

}  // namespace
}  // namespace quarry::command
