#include "daemon/user.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/daemon/scratch_directory.h"

namespace quarry::daemon {
namespace {

constexpr User kNobody = {65534, 65534};

std::vector<gid_t> SupplementaryGroups() {
  std::array<gid_t, 64> groups{};
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  REQUIRE(count >= 0);
  return {groups.begin(), groups.begin() + count};
}

/// Some supplementary groups for as long as it lives.
class ScopedGroups {
 public:
  explicit ScopedGroups(const std::vector<gid_t>& groups) : before_(SupplementaryGroups()) {
    REQUIRE(setgroups(groups.size(), groups.data()) == 0);
  }
  ~ScopedGroups() { static_cast<void>(setgroups(before_.size(), before_.data())); }
  ScopedGroups(const ScopedGroups&) = delete;
  ScopedGroups& operator=(const ScopedGroups&) = delete;

 private:
  const std::vector<gid_t> before_;
};

TEST_CASE("A step as another user has that user's rights, and root has its own after it") {
  if (geteuid() != 0) {
    return;  // only root can become another
  }
  const ScopedGroups scoped({0, 12});
  const ScratchDirectory directory;
  directory.Write("/secret", "x");
  const std::string path = directory.path() + "/secret";
  REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
  REQUIRE(chmod(path.c_str(), 0640) == 0);

  bool could_read = true;
  std::vector<gid_t> groups = {1};
  User effective = {};
  const absl::Status status = RunAsUser(kNobody, [&] {
    could_read = std::ifstream(path).is_open();
    groups = SupplementaryGroups();
    effective = {geteuid(), getegid()};
    return absl::DataLossError("of the step");
  });
  CHECK(status == absl::DataLossError("of the step"));
  CHECK_FALSE(could_read);
  CHECK(groups.empty());
  CHECK(effective.uid == kNobody.uid);
  CHECK(effective.gid == kNobody.gid);

  CHECK(geteuid() == 0);
  CHECK(getegid() == 0);
  CHECK(SupplementaryGroups() == std::vector<gid_t>{0, 12});
  CHECK(std::ifstream(path).is_open());
}

TEST_CASE("A step as root is run as it is") {
  const gid_t group = getegid();
  CHECK(RunAsUser({0, 0}, [&] {
          CHECK(getegid() == group);
          return absl::OkStatus();
        }).ok());
}

}  // namespace
}  // namespace quarry::daemon
