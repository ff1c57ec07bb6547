#include "tests/bench/value_content.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tests/bench/value_sizes.h"
#include "tests/support/catch.h"

namespace quarry::bench {
namespace {

/// Everything that a queue sends, taken through a socket pair.
std::string Sent(SendQueue& queue) {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  std::string all;
  std::array<char, 65536> buffer{};
  SendQueue::Outcome outcome = SendQueue::Outcome::kBlocked;
  while (outcome != SendQueue::Outcome::kSent) {
    size_t sent_bytes = 0;
    outcome = queue.Flush(ends[0], &sent_bytes);
    REQUIRE(outcome != SendQueue::Outcome::kFailed);
    while (sent_bytes > 0) {
      const ssize_t received = recv(ends[1], buffer.data(), buffer.size(), 0);
      REQUIRE(received > 0);
      all.append(buffer.data(), static_cast<size_t>(received));
      sent_bytes -= static_cast<size_t>(received);
    }
  }
  close(ends[0]);
  close(ends[1]);
  return all;
}

std::string Sealed(const ValueContent& content, uint64_t key_number, uint64_t nonce, size_t size) {
  SendQueue queue;
  content.AppendSealed(queue, key_number, nonce, size);
  return Sent(queue);
}

std::optional<uint64_t> Check(std::string_view value, size_t piece_bytes) {
  ValueChecker checker;
  for (; !value.empty(); value.remove_prefix(std::min(piece_bytes, value.size()))) {
    checker.Feed(value.substr(0, piece_bytes));
  }
  return checker.Finish();
}

TEST_CASE("A sealed value proves its key, whatever the size and the pieces it comes in") {
  const ValueContent content;
  for (const size_t size : {size_t{8}, size_t{10}, size_t{23}, size_t{24}, size_t{25}, size_t{100},
                            size_t{20'000}, size_t{3'000'000}}) {
    const std::string value = Sealed(content, 42, 99, size);
    REQUIRE(value.size() == size);
    for (const size_t piece_bytes : {size_t{7}, size_t{8}, size_t{4096}, size}) {
      CAPTURE(size, piece_bytes);
      REQUIRE(Check(value, piece_bytes) == 42U);
    }
  }
}

TEST_CASE("Any changed, missing or added byte breaks the seal") {
  const ValueContent content;
  for (const size_t size : {size_t{8}, size_t{10}, size_t{23}, size_t{24}, size_t{60}}) {
    const std::string value = Sealed(content, 7, 1, size);
    for (size_t i = 0; i < value.size(); ++i) {
      std::string damaged = value;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      CAPTURE(size, i);
      REQUIRE_FALSE(Check(damaged, size).has_value());
      REQUIRE_FALSE(Check(value.substr(0, i), size).has_value());
    }
    REQUIRE_FALSE(Check(value + "x", size + 1).has_value());
  }
}

TEST_CASE("Values of one key with different nonces differ") {
  const ValueContent content;
  REQUIRE(Sealed(content, 7, 1, 60) != Sealed(content, 7, 2, 60));
  REQUIRE(Sealed(content, 7, 1, 20) != Sealed(content, 7, 2, 20));
}

TEST_CASE("A plain value has its size") {
  const ValueContent content;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{16'384}, size_t{2'500'000}}) {
    SendQueue queue;
    content.AppendPlain(queue, 5, size);
    REQUIRE(Sent(queue).size() == size);
  }
}

TEST_CASE("Sizes of values keep to their range") {
  for (const std::string text :
       {"24", "10:90", "lognormal:200:1.5:24:5000", "pareto:200:0.3:24:5000"}) {
    CAPTURE(text);
    ValueSizes::Options options;
    REQUIRE(ValueSizes::Parse(text, &options).empty());
    const ValueSizes sizes(options);
    for (uint64_t key_number = 0; key_number < 2000; ++key_number) {
      REQUIRE(sizes.SizeOf(key_number) >= options.min_bytes);
      REQUIRE(sizes.SizeOf(key_number) <= options.max_bytes);
    }
  }
}

TEST_CASE("Half of the lognormal sizes lie below the median") {
  ValueSizes::Options options;
  REQUIRE(ValueSizes::Parse("lognormal:300:1:0:100000", &options).empty());
  const ValueSizes sizes(options);
  int below = 0;
  for (uint64_t key_number = 0; key_number < 10'000; ++key_number) {
    below += sizes.SizeOf(key_number) < 300 ? 1 : 0;
  }
  REQUIRE(below > 4'700);
  REQUIRE(below < 5'300);
}

TEST_CASE("A quarter of the Pareto sizes lie above the third quartile, and some far above it") {
  ValueSizes::Options options;
  REQUIRE(ValueSizes::Parse("pareto:200:0.5:0:1000000", &options).empty());
  const ValueSizes sizes(options);
  int above = 0;
  size_t largest = 0;
  for (uint64_t key_number = 0; key_number < 10'000; ++key_number) {
    const size_t size = sizes.SizeOf(key_number);
    above += size >= 400 ? 1 : 0;  // 200 / 0.5 * (4^0.5 - 1)
    largest = std::max(largest, size);
  }
  REQUIRE(above > 2'300);
  REQUIRE(above < 2'700);
  REQUIRE(largest > 10'000);
}

TEST_CASE("The mean size is that of the keys") {
  for (const auto& [text, mean_bytes] :
       {std::pair{"100", 100.0}, {"10:90", 50.0}, {"pareto:200:0.3:0:100000", 286.0}}) {
    CAPTURE(text);
    ValueSizes::Options options;
    REQUIRE(ValueSizes::Parse(text, &options).empty());
    REQUIRE(static_cast<double>(ValueSizes(options).MeanBytes()) > 0.9 * mean_bytes);
    REQUIRE(static_cast<double>(ValueSizes(options).MeanBytes()) < 1.1 * mean_bytes);
  }
}

TEST_CASE("What is no distribution of sizes is refused") {
  for (const std::string text : {"", "x", "5:4", "1:2:3", "lognormal:0:1:0:9", "pareto:9:1:0:9",
                                 "pareto:9:0:0:9", "pareto:9:0.5:9:8", "-1"}) {
    CAPTURE(text);
    ValueSizes::Options options;
    REQUIRE_FALSE(ValueSizes::Parse(text, &options).empty());
  }
}

}  // namespace
}  // namespace quarry::bench
