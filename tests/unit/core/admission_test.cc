#include "core/admission.h"

#include <vector>

#include "tests/support/catch.h"

namespace quarry::core {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

struct Claim final : Waker {
  void Wake(uint64_t /*party*/) override { ++wakes; }

  int wakes = 0;
  AdmissionTicket ticket{WakeUp(*this, 0)};
};

bool Upload(Admission& admission, Claim& claim, uint64_t bytes) {
  return admission.Admit(claim.ticket, ClaimKind::kUpload, bytes);
}
bool PinValue(Admission& admission, Claim& claim, uint64_t bytes) {
  return admission.Admit(claim.ticket, ClaimKind::kPin, bytes);
}

TEST_CASE("Claims that do not fit wait and are admitted in the order they came") {
  Admission admission(40 * kMiB, 100 * kMiB);
  Claim first;
  Claim second;
  Claim third;
  REQUIRE(Upload(admission, first, 20 * kMiB));
  REQUIRE_FALSE(Upload(admission, second, 25 * kMiB));
  REQUIRE_FALSE(Upload(admission, third, 5 * kMiB));  // fits, but is not first
  REQUIRE(admission.has_waiters());
  first.ticket.Release();
  REQUIRE(second.wakes == 1);
  REQUIRE(third.wakes == 1);
  REQUIRE_FALSE(admission.has_waiters());
  REQUIRE(Upload(admission, second, 25 * kMiB));
  REQUIRE(admission.claimed_bytes(ClaimKind::kUpload) == 30 * kMiB);
}

TEST_CASE("A quarter is kept for small claims") {
  Admission admission(40 * kMiB, 100 * kMiB);
  Claim large;
  Claim too_much;
  Claim small;
  REQUIRE(Upload(admission, large, 30 * kMiB));
  REQUIRE_FALSE(Upload(admission, too_much, 3 * kMiB));
  REQUIRE(Upload(admission, small, kMiB));
}

TEST_CASE("A claim above the total is admitted alone") {
  Admission admission(kMiB, 2 * kMiB);
  Claim giant;
  Claim other;
  REQUIRE(Upload(admission, giant, 50 * kMiB));
  REQUIRE_FALSE(Upload(admission, other, 1));
  giant.ticket.Release();
  REQUIRE(other.wakes == 1);
}

TEST_CASE("A ticket that is destroyed leaves the queue and gives its bytes back") {
  Admission admission(4 * kMiB, 8 * kMiB);
  {
    Claim holder;
    Claim waiter;
    REQUIRE(Upload(admission, holder, 4 * kMiB));
    REQUIRE_FALSE(Upload(admission, waiter, 4 * kMiB));
  }
  REQUIRE(admission.claimed_bytes(ClaimKind::kUpload) == 0);
  REQUIRE_FALSE(admission.has_waiters());
}

TEST_CASE("Uploads and pins wait each for their own share") {
  Admission admission(40 * kMiB, 100 * kMiB);
  Claim pinned;
  Claim upload;
  Claim waiting_pin;
  Claim waiting_upload;
  REQUIRE(PinValue(admission, pinned, 40 * kMiB));
  REQUIRE(Upload(admission, upload, 30 * kMiB));
  REQUIRE_FALSE(PinValue(admission, waiting_pin, 10 * kMiB));
  REQUIRE(admission.IsAwaited(ClaimKind::kPin));
  REQUIRE_FALSE(admission.IsAwaited(ClaimKind::kUpload));
  REQUIRE_FALSE(Upload(admission, waiting_upload, 10 * kMiB));
  REQUIRE(admission.IsAwaited(ClaimKind::kUpload));
  upload.ticket.Release();
  REQUIRE(waiting_upload.wakes == 1);
  REQUIRE(waiting_pin.wakes == 0);
  pinned.ticket.Release();
  REQUIRE(waiting_pin.wakes == 1);
}

TEST_CASE("A pin above its share takes from the uploads', which wait for it where they must") {
  Admission admission(40 * kMiB, 60 * kMiB);
  Claim pinned;
  Claim fits;
  Claim too_much;
  REQUIRE(PinValue(admission, pinned, 35 * kMiB));
  REQUIRE(Upload(admission, fits, 20 * kMiB));
  fits.ticket.Release();
  REQUIRE_FALSE(Upload(admission, too_much, 30 * kMiB));
  REQUIRE(admission.IsAwaited(ClaimKind::kPin));  // by the upload
  pinned.ticket.Release();
  REQUIRE(too_much.wakes == 1);
}

TEST_CASE("Where uploads and pins compete, the one that came first goes first") {
  Admission admission(40 * kMiB, 60 * kMiB);
  Claim upload;
  Claim waiting_pin;
  Claim later_upload;
  Claim small;
  REQUIRE(Upload(admission, upload, 30 * kMiB));
  REQUIRE_FALSE(PinValue(admission, waiting_pin, 35 * kMiB));
  REQUIRE_FALSE(Upload(admission, later_upload, 29 * kMiB));
  REQUIRE(Upload(admission, small, kMiB));  // does not wait behind large ones
  upload.ticket.Release();
  REQUIRE(waiting_pin.wakes == 1);
  REQUIRE(later_upload.wakes == 0);
  waiting_pin.ticket.Release();
  REQUIRE(later_upload.wakes == 1);
}

TEST_CASE("A claim that is handed over counts until it is given back") {
  Admission admission(4 * kMiB, 8 * kMiB);
  {
    Claim reader;
    REQUIRE(PinValue(admission, reader, kMiB));
    REQUIRE(reader.ticket.HandOver());
    REQUIRE_FALSE(reader.ticket.HandOver());
  }
  REQUIRE(admission.claimed_bytes(ClaimKind::kPin) == kMiB);
  Claim waiter;
  REQUIRE_FALSE(PinValue(admission, waiter, 4 * kMiB));
  REQUIRE_FALSE(waiter.ticket.HandOver());
  admission.GiveBack(ClaimKind::kPin, kMiB);
  REQUIRE(waiter.wakes == 1);
}

TEST_CASE("A ticket that asks for something else gives up its claim or its place") {
  Admission admission(4 * kMiB, 8 * kMiB);
  Claim changing;
  Claim other;
  REQUIRE(PinValue(admission, changing, 2 * kMiB));
  REQUIRE(PinValue(admission, changing, kMiB));
  REQUIRE(admission.claimed_bytes(ClaimKind::kPin) == kMiB);
  REQUIRE_FALSE(PinValue(admission, other, 4 * kMiB));
  REQUIRE(PinValue(admission, other, kMiB));
  REQUIRE(other.wakes == 0);
  REQUIRE(admission.claimed_bytes(ClaimKind::kPin) == 2 * kMiB);
}

TEST_CASE("There is headroom for pins until it is used up or somebody waits") {
  Admission admission(40 * kMiB, 140 * kMiB);
  REQUIRE(admission.pin_headroom() == 75 * kMiB);
  admission.Take(ClaimKind::kPin, 70 * kMiB);
  REQUIRE(admission.pin_headroom() == 5 * kMiB);
  Claim waiter;
  REQUIRE_FALSE(PinValue(admission, waiter, 10 * kMiB));
  REQUIRE(admission.pin_headroom() == 0);
  waiter.ticket.Release();
  REQUIRE(admission.pin_headroom() == 5 * kMiB);
  admission.SetShares(40 * kMiB, 60 * kMiB);
  REQUIRE(admission.pin_headroom() == 0);
}

TEST_CASE("Whatever comes and goes, the total is kept and everybody is served") {
  constexpr uint64_t kTotal = 64 * kMiB;
  Admission admission(16 * kMiB, kTotal);
  struct Party {
    Claim claim;
    ClaimKind kind = ClaimKind::kUpload;
    uint64_t bytes = 0;  // 0: claims nothing
  };
  std::vector<Party> parties(40);
  uint64_t state = 1;
  const auto next = [&state](uint64_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % bound;
  };
  for (int step = 0; step < 20'000; ++step) {
    Party& party = parties[next(parties.size())];
    if (party.bytes != 0) {
      party.claim.ticket.Release();
      party.bytes = 0;
    } else {
      party.kind = next(2) == 0 ? ClaimKind::kUpload : ClaimKind::kPin;
      party.bytes = (next(4) == 0 ? next(60) : next(2)) * kMiB + 1;
      admission.Admit(party.claim.ticket, party.kind, party.bytes);
    }
    REQUIRE(admission.claimed_bytes(ClaimKind::kUpload) +
                admission.claimed_bytes(ClaimKind::kPin) <=
            kTotal);
  }
  for (size_t round = 0; round < parties.size(); ++round) {
    for (Party& party : parties) {
      if (party.bytes != 0 && admission.Admit(party.claim.ticket, party.kind, party.bytes)) {
        party.claim.ticket.Release();
        party.bytes = 0;
      }
    }
  }
  for (const Party& party : parties) {
    REQUIRE(party.bytes == 0);
  }
  REQUIRE_FALSE(admission.has_waiters());
}

}  // namespace
}  // namespace quarry::core
