#include "tests/unit/daemon/scratch_directory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/check.h"

namespace quarry::daemon {

ScratchDirectory::ScratchDirectory()
    : path_(std::filesystem::temp_directory_path() / "quarry-test-XXXXXX") {
  QUARRY_CHECK(mkdtemp(path_.data()) != nullptr);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ScratchDirectory::Write(const std::string& name, const std::string& contents) const {
  const std::filesystem::path file = path_ + name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << contents;
}

std::string ScratchDirectory::Read(const std::string& name) const {
  std::ifstream file(path_ + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace quarry::daemon
