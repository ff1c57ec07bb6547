#include "daemon/machine_memory.h"

#include "daemon/size.h"
#include "tests/support/catch.h"
#include "tests/unit/daemon/scratch_directory.h"

namespace quarry::daemon {
namespace {

constexpr const char* kMemInfo =
    "MemFree:          100000 kB\n"
    "MemTotal:        8388608 kB\n"
    "HugePages_Total:       0\n";

TEST_CASE("Without a cgroup's limit the machine's memory counts") {
  const ScratchDirectory root;
  root.Write("/proc/meminfo", kMemInfo);
  REQUIRE(MachineMemoryBytes(root.path()) == 8 * kGibibyte);
  root.Write("/proc/self/cgroup", "0::/system.slice/quarryd.service\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 8 * kGibibyte);
  root.Write("/sys/fs/cgroup/system.slice/quarryd.service/memory.max", "max\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 8 * kGibibyte);
}

TEST_CASE("The smallest limit on the way to the root of cgroup version 2 counts") {
  const ScratchDirectory root;
  root.Write("/proc/meminfo", kMemInfo);
  root.Write("/proc/self/cgroup", "0::/a/b\n");
  root.Write("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  REQUIRE(MachineMemoryBytes(root.path()) == kGibibyte);
  root.Write("/sys/fs/cgroup/a/memory.max", "536870912\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 512 * kMebibyte);
  root.Write("/sys/fs/cgroup/memory.max", "268435456\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 256 * kMebibyte);
}

TEST_CASE("The memory controller's limit of cgroup version 1 counts") {
  const ScratchDirectory root;
  root.Write("/proc/meminfo", kMemInfo);
  root.Write("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:hugetlb,memory:/y\n1:name=systemd:/z\n");
  root.Write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n");
  root.Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 8 * kGibibyte);
  root.Write("/sys/fs/cgroup/memory/y/memory.limit_in_bytes", "1073741824\n");
  REQUIRE(MachineMemoryBytes(root.path()) == kGibibyte);
}

TEST_CASE("A machine that tells nothing has an unknown memory") {
  const ScratchDirectory root;
  REQUIRE(MachineMemoryBytes(root.path()) == 0);
  root.Write("/proc/meminfo", "MemTotal: many kB\n");
  REQUIRE(MachineMemoryBytes(root.path()) == 0);
}

TEST_CASE("The machine that runs this test has some memory") {
  REQUIRE(MachineMemoryBytes() > 16 * kMebibyte);
}

}  // namespace
}  // namespace quarry::daemon
