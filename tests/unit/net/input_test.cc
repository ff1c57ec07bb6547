#include "daemon/net/input.h"

#include <algorithm>
#include <string>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

void Receive(ReadBuffer& buffer, std::string_view bytes) {
  const std::span<char> room = buffer.Room();
  REQUIRE(bytes.size() <= room.size());
  bytes.copy(room.data(), bytes.size());
  buffer.Fill(bytes.size());
}

TEST_CASE("Input that is left over goes on in a later turn, whoever used the buffer meanwhile") {
  ReadBuffer buffer;
  HeldInput held;
  buffer.Load(held.view());
  Receive(buffer, "get a\r\nget b");
  buffer.Drop(7);
  held.Assign(buffer.view());

  buffer.Load("another connection's");

  buffer.Load(held.view());
  Receive(buffer, "c\r\n");
  REQUIRE(buffer.view() == "get bc\r\n");
  buffer.Drop(8);
  held.Assign(buffer.view());
  REQUIRE(held.empty());
}

TEST_CASE("The room behind the input is all that its bytes do not take") {
  ReadBuffer buffer;
  buffer.Load({});
  const std::string bytes(ReadBuffer::kBytes, 'x');
  REQUIRE(buffer.Room().size() == ReadBuffer::kBytes);
  Receive(buffer, bytes);
  REQUIRE(buffer.Room().empty());
  buffer.Drop(ReadBuffer::kBytes - 10);
  REQUIRE(buffer.Room().size() == ReadBuffer::kBytes - 10);
  REQUIRE(buffer.view() == std::string(10, 'x'));
}

TEST_CASE("Held input may shrink and grow") {
  HeldInput held;
  for (const size_t bytes : {100U, 10U, 50U, 5000U, 1U}) {
    const std::string input(bytes, 'y');
    held.Assign(input);
    REQUIRE(held.view() == input);
  }
}

}  // namespace
}  // namespace quarry::net
