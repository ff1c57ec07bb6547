#include "daemon/net/certificate_refresh.h"

#include <memory>
#include <optional>

#include "tests/support/catch.h"

namespace quarry::net {
namespace {

/// Counts how often the certificates are read, and decides how that ends.
struct Fixture {
  int readings = 0;
  bool goes_well = true;
  int wakes = 0;
  CertificateRefresh refresh{[this] {
    ++readings;
    return goes_well;
  }};

  std::shared_ptr<command::Verdict> Ask() {
    auto verdict = std::make_shared<command::Verdict>([this] { ++wakes; });
    refresh.Ask(verdict);
    return verdict;
  }
};

TEST_CASE("All who have asked get the outcome of one reading") {
  Fixture fixture;
  const auto first = fixture.Ask();
  const auto second = fixture.Ask();
  REQUIRE(!first->given());
  fixture.refresh.Serve(7);
  REQUIRE(fixture.readings == 1);
  REQUIRE(first->given() == true);
  REQUIRE(second->given() == true);
  REQUIRE(fixture.wakes == 2);
}

TEST_CASE("Who asks again in the same second waits for the next one") {
  Fixture fixture;
  fixture.Ask();
  fixture.refresh.Serve(7);
  fixture.goes_well = false;
  const auto late = fixture.Ask();
  fixture.refresh.Serve(7);
  REQUIRE(fixture.readings == 1);
  REQUIRE(!late->given());
  fixture.refresh.Serve(8);
  REQUIRE(fixture.readings == 2);
  REQUIRE(late->given() == false);
}

TEST_CASE("Nothing is read where nobody asks") {
  Fixture fixture;
  fixture.refresh.Serve(7);
  fixture.refresh.Finish();
  REQUIRE(fixture.readings == 0);
}

TEST_CASE("At the end those who wait are served, and those who come later are refused") {
  Fixture fixture;
  fixture.Ask();
  fixture.refresh.Serve(7);
  const auto waiting = fixture.Ask();
  fixture.refresh.Finish();
  REQUIRE(waiting->given() == true);
  REQUIRE(fixture.Ask()->given() == false);
  REQUIRE(fixture.readings == 2);
}

}  // namespace
}  // namespace quarry::net
