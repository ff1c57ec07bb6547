#pragma once

#include <cstddef>
#include <cstdint>

namespace quarry::core {

/// The arena is cut into pages of this size.
inline constexpr uint32_t kPageShift = 16;
inline constexpr size_t kPageBytes = size_t{1} << kPageShift;

/// Names a chunk by its place, not by its address:
///
///      31               11 10          0
///     |  page (21 bits)   | chunk (11)  |
///
/// Page 0 is never used, so that 0 names nothing. 2^21 pages of 64 KB make 128 GiB.
using Handle = uint32_t;

inline constexpr Handle kNoHandle = 0;
inline constexpr uint32_t kChunkBits = 11;
inline constexpr uint32_t kMaxPages = uint32_t{1} << (32 - kChunkBits);
inline constexpr uint32_t kMaxChunksPerPage = uint32_t{1} << kChunkBits;

constexpr Handle MakeHandle(uint32_t page, uint32_t chunk) {
  return page << kChunkBits | chunk;
}
constexpr uint32_t PageOf(Handle handle) {
  return handle >> kChunkBits;
}
constexpr uint32_t ChunkOf(Handle handle) {
  return handle & (kMaxChunksPerPage - 1);
}

}  // namespace quarry::core
