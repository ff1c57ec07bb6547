#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quarry::protocol {

/// Every error that a text request can be answered with. The texts stand in error.cc, once.
enum class Error : uint8_t {
  kNone,
  kUnknownCommand,  ///< ERROR
  kBadLine,         ///< CLIENT_ERROR bad command line format
  kBadDataChunk,    ///< CLIENT_ERROR bad data chunk
  kInvalidExptime,  ///< CLIENT_ERROR invalid exptime argument
  kInvalidDelta,    ///< CLIENT_ERROR invalid numeric delta argument
  kNonNumeric,      ///< CLIENT_ERROR cannot increment or decrement non-numeric value
  kBadDelete,       ///< CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]
  kBadToken,        ///< CLIENT_ERROR bad token in command line format
  kDuplicateFlag,
  kInvalidFlag,
  kInvalidOrDuplicateFlag,
  kTooManyFlags,  ///< options flags are too long
  kOpaqueTooLong,
  kBadBase64Key,  ///< error decoding key
  kBadStoreMode,
  kBadArithmeticMode,
  kBadInitial,
  kBadMetaDelta,
  kTooLarge,  ///< SERVER_ERROR object too large for cache
  kOutOfMemoryStoring,
  kOutOfMemoryCreating,     ///< SERVER_ERROR Out of memory allocating new item
  kOutOfMemory,             ///< SERVER_ERROR out of memory
  kOutOfMemoryStats,        ///< SERVER_ERROR out of memory writing stats
  kUploadTooSlow,           ///< SERVER_ERROR value came too slowly while others waited for memory
  kMemoryLimitTooSmall,     ///< MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m
  kMemoryLimitInBytes,      ///< MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes
  kMemoryLimitOutOfBounds,  ///< MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust
  kSameClass,               ///< SAME src and dst class are identical
  kBadMoveClass,            ///< BADCLASS invalid src or dst class id
  kNoSparePage,             ///< NOSPARE source class has no spare pages
  kAutomoveWindow,          ///< CLIENT_ERROR automove window too low or too high
  kTooManyConnections,      ///< ERROR Too many open connections
  kShutdownDisabled,
  kTlsNotEnabled,
  kCertificatesNotRefreshed,
  kTooLargeForUdp,
  kCrawlerRuns,     ///< ERROR failed to start lru crawler thread
  kCrawlerOff,      ///< CLIENT_ERROR lru crawler disabled
  kCrawlerPause,    ///< CLIENT_ERROR sleep must be one second or less
  kCrawlerBusy,     ///< BUSY currently processing crawler request
  kBadClass,        ///< BADCLASS invalid class id
  kNothingToCrawl,  ///< NOTSTARTED no items to crawl
  kUnauthenticated,
  kAuthenticationFailure,
  kTokenTooLong,        ///< CLIENT_ERROR auth token too long
  kBadTokenFormat,      ///< CLIENT_ERROR bad authentication token format
  kBadTokenEnd,         ///< CLIENT_ERROR bad command line termination
  kFlushForbidden,      ///< CLIENT_ERROR flush_all not allowed
  kBadShutdownMode,     ///< CLIENT_ERROR invalid shutdown mode
  kLruPercentages,      ///< ERROR hot and warm pcts must not exceed 80
  kLruFactors,          ///< ERROR hot/warm age factors must be greater than 0
  kMetadumpForbidden,   ///< ERROR metadump not allowed
  kKeyDumpForbidden,    ///< ERROR key dump not allowed
  kPipelinedMetadump,   ///< ERROR cannot pipeline other commands before metadump
  kPipelinedMgdump,     ///< ERROR cannot pipeline other commands before mgdump
  kCachedumpForbidden,  ///< CLIENT_ERROR stats cachedump not allowed
  kIllegalClass,        ///< CLIENT_ERROR Illegal slab id
  kBadCommandLine,      ///< CLIENT_ERROR bad command line
  kWatchForbidden,      ///< CLIENT_ERROR watch commands not allowed
  kPipelinedWatch,      ///< ERROR cannot pipeline other commands before watch
  kTooManyWatchers,     ///< WATCHER_TOO_MANY log watcher limit reached
  kDetailForbidden,     ///< CLIENT_ERROR stats detail not allowed
  kDetailUsage,         ///< CLIENT_ERROR usage: stats detail on|off|dump
};
inline constexpr size_t kErrorCount = static_cast<size_t>(Error::kDetailUsage) + 1;

/// The reply line of `error`, with its CRLF; empty for kNone.
std::string_view ErrorLine(Error error);

}  // namespace quarry::protocol
