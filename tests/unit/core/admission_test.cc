#include "core/admission.h"

#include "tests/support/catch.h"

namespace quarry::core {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

struct Claim {
  int wakes = 0;
  AdmissionTicket ticket{[this] {
    ++wakes;
  }};
};

TEST_CASE("Claims that do not fit wait and are admitted in the order they came") {
  Admission admission(40 * kMiB);
  Claim first;
  Claim second;
  Claim third;
  REQUIRE(admission.Admit(first.ticket, 20 * kMiB));
  REQUIRE_FALSE(admission.Admit(second.ticket, 25 * kMiB));
  REQUIRE_FALSE(admission.Admit(third.ticket, 5 * kMiB));  // fits, but is not first
  REQUIRE(admission.has_waiters());
  first.ticket.Release();
  REQUIRE(second.wakes == 1);
  REQUIRE(third.wakes == 1);
  REQUIRE(admission.Admit(second.ticket, 25 * kMiB));
  REQUIRE(admission.admitted_bytes() == 30 * kMiB);
}

TEST_CASE("A quarter is kept for small claims") {
  Admission admission(40 * kMiB);
  Claim large;
  Claim too_much;
  Claim small;
  REQUIRE(admission.Admit(large.ticket, 30 * kMiB));
  REQUIRE_FALSE(admission.Admit(too_much.ticket, 2 * kMiB));
  REQUIRE(admission.Admit(small.ticket, kMiB));
}

TEST_CASE("A claim above the capacity is admitted alone") {
  Admission admission(kMiB);
  Claim giant;
  Claim other;
  REQUIRE(admission.Admit(giant.ticket, 50 * kMiB));
  REQUIRE_FALSE(admission.Admit(other.ticket, 1));
  giant.ticket.Release();
  REQUIRE(other.wakes == 1);
}

TEST_CASE("A ticket that is destroyed leaves the queue and gives its bytes back") {
  Admission admission(4 * kMiB);
  {
    Claim holder;
    Claim waiter;
    REQUIRE(admission.Admit(holder.ticket, 4 * kMiB));
    REQUIRE_FALSE(admission.Admit(waiter.ticket, 4 * kMiB));
  }
  REQUIRE(admission.admitted_bytes() == 0);
  REQUIRE_FALSE(admission.has_waiters());
}

}  // namespace
}  // namespace quarry::core
