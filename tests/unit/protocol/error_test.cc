#include "protocol/error.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

TEST_CASE("Each error has the text that memcached's clients know") {
  const std::vector<std::pair<Error, std::string>> texts = {
      {Error::kUnknownCommand, "ERROR"},
      {Error::kBadLine, "CLIENT_ERROR bad command line format"},
      {Error::kBadDataChunk, "CLIENT_ERROR bad data chunk"},
      {Error::kInvalidExptime, "CLIENT_ERROR invalid exptime argument"},
      {Error::kInvalidDelta, "CLIENT_ERROR invalid numeric delta argument"},
      {Error::kNonNumeric, "CLIENT_ERROR cannot increment or decrement non-numeric value"},
      {Error::kBadDelete, "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]"},
      {Error::kBadToken, "CLIENT_ERROR bad token in command line format"},
      {Error::kDuplicateFlag, "CLIENT_ERROR duplicate flag"},
      {Error::kInvalidFlag, "CLIENT_ERROR invalid flag"},
      {Error::kInvalidOrDuplicateFlag, "CLIENT_ERROR invalid or duplicate flag"},
      {Error::kTooManyFlags, "CLIENT_ERROR options flags are too long"},
      {Error::kOpaqueTooLong, "CLIENT_ERROR opaque token too long"},
      {Error::kBadBase64Key, "CLIENT_ERROR error decoding key"},
      {Error::kBadStoreMode, "CLIENT_ERROR invalid mode for ms M token"},
      {Error::kBadArithmeticMode, "CLIENT_ERROR invalid mode for ma M token"},
      {Error::kBadInitial, "CLIENT_ERROR invalid numeric initial value"},
      {Error::kBadMetaDelta, "CLIENT_ERROR invalid numeric delta value"},
      {Error::kTooLarge, "SERVER_ERROR object too large for cache"},
      {Error::kOutOfMemoryStoring, "SERVER_ERROR out of memory storing object"},
      {Error::kOutOfMemoryCreating, "SERVER_ERROR Out of memory allocating new item"},
      {Error::kOutOfMemory, "SERVER_ERROR out of memory"},
      {Error::kOutOfMemoryStats, "SERVER_ERROR out of memory writing stats"},
      {Error::kUploadTooSlow, "SERVER_ERROR value came too slowly while others waited for memory"},
      {Error::kMemoryLimitTooSmall, "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m"},
      {Error::kMemoryLimitInBytes, "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes"},
      {Error::kMemoryLimitOutOfBounds, "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust"},
      {Error::kSameClass, "SAME src and dst class are identical"},
      {Error::kBadMoveClass, "BADCLASS invalid src or dst class id"},
      {Error::kNoSparePage, "NOSPARE source class has no spare pages"},
      {Error::kAutomoveWindow, "CLIENT_ERROR automove window too low or too high"},
      {Error::kTooManyConnections, "ERROR Too many open connections"},
      {Error::kShutdownDisabled, "SERVER_ERROR: shutdown not enabled"},
      {Error::kTlsNotEnabled, "Error TLS not enabled"},
      {Error::kCertificatesNotRefreshed, "Error certificates not refreshed, see the log"},
      {Error::kTooLargeForUdp, "SERVER_ERROR too large for UDP"},
      {Error::kCrawlerRuns, "ERROR failed to start lru crawler thread"},
      {Error::kCrawlerOff, "CLIENT_ERROR lru crawler disabled"},
      {Error::kCrawlerPause, "CLIENT_ERROR sleep must be one second or less"},
      {Error::kCrawlerBusy, "BUSY currently processing crawler request"},
      {Error::kBadClass, "BADCLASS invalid class id"},
      {Error::kNothingToCrawl, "NOTSTARTED no items to crawl"},
      {Error::kUnauthenticated, "CLIENT_ERROR unauthenticated"},
      {Error::kAuthenticationFailure, "CLIENT_ERROR authentication failure"},
      {Error::kTokenTooLong, "CLIENT_ERROR auth token too long"},
      {Error::kBadTokenFormat, "CLIENT_ERROR bad authentication token format"},
      {Error::kBadTokenEnd, "CLIENT_ERROR bad command line termination"},
      {Error::kFlushForbidden, "CLIENT_ERROR flush_all not allowed"},
      {Error::kBadShutdownMode, "CLIENT_ERROR invalid shutdown mode"},
      {Error::kLruPercentages, "ERROR hot and warm pcts must not exceed 80"},
      {Error::kLruFactors, "ERROR hot/warm age factors must be greater than 0"},
      {Error::kMetadumpForbidden, "ERROR metadump not allowed"},
      {Error::kKeyDumpForbidden, "ERROR key dump not allowed"},
      {Error::kPipelinedMetadump, "ERROR cannot pipeline other commands before metadump"},
      {Error::kPipelinedMgdump, "ERROR cannot pipeline other commands before mgdump"},
      {Error::kCachedumpForbidden, "CLIENT_ERROR stats cachedump not allowed"},
      {Error::kIllegalClass, "CLIENT_ERROR Illegal slab id"},
      {Error::kBadCommandLine, "CLIENT_ERROR bad command line"},
      {Error::kWatchForbidden, "CLIENT_ERROR watch commands not allowed"},
      {Error::kPipelinedWatch, "ERROR cannot pipeline other commands before watch"},
      {Error::kTooManyWatchers, "WATCHER_TOO_MANY log watcher limit reached"},
      {Error::kDetailForbidden, "CLIENT_ERROR stats detail not allowed"},
      {Error::kDetailUsage, "CLIENT_ERROR usage: stats detail on|off|dump"},
  };
  REQUIRE(texts.size() == kErrorCount - 1);
  for (const auto& [error, text] : texts) {
    REQUIRE(ErrorLine(error) == text + "\r\n");
  }
}

TEST_CASE("No error says nothing") {
  REQUIRE(ErrorLine(Error::kNone).empty());
}

}  // namespace
}  // namespace quarry::protocol
