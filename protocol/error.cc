#include "protocol/error.h"

#include <array>

namespace quarry::protocol {
namespace {

struct Line {
  Error error;
  std::string_view text;
};

constexpr std::array<Line, kErrorCount> kLines = {{
    {Error::kNone, ""},
    {Error::kUnknownCommand, "ERROR\r\n"},
    {Error::kBadLine, "CLIENT_ERROR bad command line format\r\n"},
    {Error::kBadDataChunk, "CLIENT_ERROR bad data chunk\r\n"},
    {Error::kInvalidExptime, "CLIENT_ERROR invalid exptime argument\r\n"},
    {Error::kInvalidDelta, "CLIENT_ERROR invalid numeric delta argument\r\n"},
    {Error::kNonNumeric, "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"},
    {Error::kBadDelete, "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n"},
    {Error::kBadToken, "CLIENT_ERROR bad token in command line format\r\n"},
    {Error::kDuplicateFlag, "CLIENT_ERROR duplicate flag\r\n"},
    {Error::kInvalidFlag, "CLIENT_ERROR invalid flag\r\n"},
    {Error::kInvalidOrDuplicateFlag, "CLIENT_ERROR invalid or duplicate flag\r\n"},
    {Error::kTooManyFlags, "CLIENT_ERROR options flags are too long\r\n"},
    {Error::kOpaqueTooLong, "CLIENT_ERROR opaque token too long\r\n"},
    {Error::kBadBase64Key, "CLIENT_ERROR error decoding key\r\n"},
    {Error::kBadStoreMode, "CLIENT_ERROR invalid mode for ms M token\r\n"},
    {Error::kBadArithmeticMode, "CLIENT_ERROR invalid mode for ma M token\r\n"},
    {Error::kBadInitial, "CLIENT_ERROR invalid numeric initial value\r\n"},
    {Error::kBadMetaDelta, "CLIENT_ERROR invalid numeric delta value\r\n"},
    {Error::kTooLarge, "SERVER_ERROR object too large for cache\r\n"},
    {Error::kOutOfMemoryStoring, "SERVER_ERROR out of memory storing object\r\n"},
    {Error::kOutOfMemoryCreating, "SERVER_ERROR Out of memory allocating new item\r\n"},
    {Error::kOutOfMemory, "SERVER_ERROR out of memory\r\n"},
    {Error::kOutOfMemoryStats, "SERVER_ERROR out of memory writing stats\r\n"},
    {Error::kUploadTooSlow,
     "SERVER_ERROR value came too slowly while others waited for memory\r\n"},
    {Error::kMemoryLimitTooSmall, "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"},
    {Error::kMemoryLimitInBytes, "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n"},
    {Error::kMemoryLimitOutOfBounds,
     "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n"},
    {Error::kSameClass, "SAME src and dst class are identical\r\n"},
    {Error::kBadMoveClass, "BADCLASS invalid src or dst class id\r\n"},
    {Error::kNoSparePage, "NOSPARE source class has no spare pages\r\n"},
    {Error::kAutomoveWindow, "CLIENT_ERROR automove window too low or too high\r\n"},
    {Error::kTooManyConnections, "ERROR Too many open connections\r\n"},
    {Error::kShutdownDisabled, "SERVER_ERROR: shutdown not enabled\r\n"},
    {Error::kTlsNotEnabled, "Error TLS not enabled\r\n"},
    {Error::kCertificatesNotRefreshed, "Error certificates not refreshed, see the log\r\n"},
    {Error::kTooLargeForUdp, "SERVER_ERROR too large for UDP\r\n"},
    {Error::kCrawlerRuns, "ERROR failed to start lru crawler thread\r\n"},
    {Error::kCrawlerOff, "CLIENT_ERROR lru crawler disabled\r\n"},
    {Error::kCrawlerPause, "CLIENT_ERROR sleep must be one second or less\r\n"},
    {Error::kCrawlerBusy, "BUSY currently processing crawler request\r\n"},
    {Error::kBadClass, "BADCLASS invalid class id\r\n"},
    {Error::kNothingToCrawl, "NOTSTARTED no items to crawl\r\n"},
    {Error::kUnauthenticated, "CLIENT_ERROR unauthenticated\r\n"},
    {Error::kAuthenticationFailure, "CLIENT_ERROR authentication failure\r\n"},
    {Error::kTokenTooLong, "CLIENT_ERROR auth token too long\r\n"},
    {Error::kBadTokenFormat, "CLIENT_ERROR bad authentication token format\r\n"},
    {Error::kBadTokenEnd, "CLIENT_ERROR bad command line termination\r\n"},
    {Error::kFlushForbidden, "CLIENT_ERROR flush_all not allowed\r\n"},
    {Error::kBadShutdownMode, "CLIENT_ERROR invalid shutdown mode\r\n"},
    {Error::kLruPercentages, "ERROR hot and warm pcts must not exceed 80\r\n"},
    {Error::kLruFactors, "ERROR hot/warm age factors must be greater than 0\r\n"},
    {Error::kMetadumpForbidden, "ERROR metadump not allowed\r\n"},
    {Error::kKeyDumpForbidden, "ERROR key dump not allowed\r\n"},
    {Error::kPipelinedMetadump, "ERROR cannot pipeline other commands before metadump\r\n"},
    {Error::kPipelinedMgdump, "ERROR cannot pipeline other commands before mgdump\r\n"},
    {Error::kCachedumpForbidden, "CLIENT_ERROR stats cachedump not allowed\r\n"},
    {Error::kIllegalClass, "CLIENT_ERROR Illegal slab id\r\n"},
    {Error::kBadCommandLine, "CLIENT_ERROR bad command line\r\n"},
    {Error::kWatchForbidden, "CLIENT_ERROR watch commands not allowed\r\n"},
    {Error::kPipelinedWatch, "ERROR cannot pipeline other commands before watch\r\n"},
    {Error::kTooManyWatchers, "WATCHER_TOO_MANY log watcher limit reached\r\n"},
    {Error::kDetailForbidden, "CLIENT_ERROR stats detail not allowed\r\n"},
    {Error::kDetailUsage, "CLIENT_ERROR usage: stats detail on|off|dump\r\n"},
}};

constexpr bool InEnumOrder() {
  for (size_t index = 0; index < kLines.size(); ++index) {
    if (static_cast<size_t>(kLines[index].error) != index) {
      return false;
    }
  }
  return true;
}
static_assert(InEnumOrder(), "ErrorLine indexes the table by the error");

}  // namespace

std::string_view ErrorLine(Error error) {
  return kLines[static_cast<size_t>(error)].text;
}

}  // namespace quarry::protocol
