#include "daemon/no_effect_options.h"

#include <limits>
#include <optional>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

constexpr uint32_t kMaxU32 = std::numeric_limits<uint32_t>::max();
constexpr uint32_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr NumberRange kAny = {0, kMaxU32};

// memcached's page, which a chunk must divide, and what it leaves between two classes.
constexpr uint32_t kMemcachedPageBytes = uint32_t{1} << 20;
constexpr uint32_t kMemcachedChunkAlignBytes = 8;

/// Without a value, unless a builder says otherwise.
OptionName Word(const char* name) {
  return {'\0', name, Argument::kNone};
}

OptionSpec Number(const char* name, const char* reason, NumberRange range,
                  std::vector<std::string> granted = {}) {
  OptionSpec spec = NoEffectNumberOption({'\0', name, Argument::kRequired}, reason, range);
  spec.granted = std::move(granted);
  return spec;
}

/// Kept, since the threads that it is compared with may be given later.
OptionSpec NapiIdsOption() {
  OptionSpec spec = NumberOption({'N', "napi-ids", "", ""}, &Options::napi_id_count, {1, kMaxInt});
  spec.help = "accepted, without effect";
  spec.default_text.clear();
  spec.no_effect = "workers are not chosen by NAPI id";
  return spec;
}

/// A bad value ends the process with the code that memcached has for this option.
OptionSpec EndingWithUsage(OptionSpec spec) {
  spec.apply = [apply = std::move(spec.apply)](const std::string& value, Options& options) {
    const absl::Status status = apply(value, options);
    return status.ok() ? status : absl::OutOfRangeError(status.message());
  };
  return spec;
}

OptionSpec HashAlgorithm() {
  OptionSpec spec =
      NoEffectOption(Word("hash_algorithm"), "the index has one hash function, xxh3",
                     "jenkins, murmur3 or xxh3", [](const std::string& value) {
                       return value == "jenkins" || value == "murmur3" || value == "xxh3";
                     });
  spec.granted = {"murmur3", "xxh3"};  // memcached's default, and what is used
  return spec;
}

/// memcached takes kilobytes, and once took bytes: what divides its page is right either way.
OptionSpec ChunkMax(const char* reason) {
  OptionSpec spec = NoEffectOption(Word("slab_chunk_max"), reason, "kilobytes, a divisor of 1024",
                                   [](const std::string& value) {
                                     const std::optional<uint32_t> size = ParseU32(value);
                                     return size && *size != 0 && kMemcachedPageBytes % *size == 0;
                                   });
  spec.is_number = true;
  spec.placeholder = "<num>";
  spec.granted = {"512", "524288"};  // memcached's default
  return spec;
}

bool AreGrowingSizes(const std::string& value) {
  uint32_t last = 0;
  const std::vector<std::string> words = absl::StrSplit(value, '-');
  for (const std::string& word : words) {
    const std::optional<uint32_t> size = ParseU32(word);
    if (!size || *size > kMemcachedPageBytes || *size < last + kMemcachedChunkAlignBytes) {
      return false;
    }
    last = *size;
  }
  return true;
}

/// External storage, but for the file that begins it.
void AddStorageOptions(std::vector<OptionSpec>& table) {
  const char* reason = "there is no external storage";
  for (const char* name : {"ext_page_size", "ext_wbuf_size", "ext_threads", "ext_io_depth",
                           "ext_item_size", "ext_item_age", "ext_low_ttl", "ext_recache_rate",
                           "ext_compact_under", "ext_drop_under", "ext_max_sleep"}) {
    table.push_back(Number(name, reason, kAny));
  }
  table.push_back(
      NoEffectOption(Word("ext_max_frag"), reason, "a decimal fraction",
                     [](const std::string& value) { return ParseDecimal(value).has_value(); }));
  table.back().is_number = true;
  table.push_back(NoEffectOption(Word("ext_drop_unread"), reason));
}

}  // namespace

std::vector<OptionSpec> NoEffectOptions() {
  OptionSpec large_pages = GrantedOption({'L', "enable-largepages", Argument::kNone});
  large_pages.help = "accepted: large pages are used where the system has them";
  return {
      NoEffectOption({'k', "lock-memory", Argument::kNone}, "memory is not locked"),
      std::move(large_pages),
      NapiIdsOption(),
  };
}

std::vector<OptionSpec> NoEffectSubOptions() {
  const char* index_grows = "the index grows as it needs to";
  const char* large_items = "a page has 64 KB, and large items are in parts of pages";
  std::vector<OptionSpec> table;
  for (const char* name : {"modern", "inline_ascii_resp", "no_inline_ascii_resp",
                           "resp_obj_mem_limit", "no_drop_privileges"}) {
    table.push_back(GrantedOption(Word(name)));
  }
  table.push_back(Number("hashpower", index_grows, {12, 32}));
  table.push_back(NoEffectOption(Word("no_hashexpand"), index_grows));
  table.push_back(HashAlgorithm());
  table.push_back(
      Number("tail_repair_time", "what is being read holds up no eviction", {10, kMaxInt}));
  table.push_back(EndingWithUsage(
      NoEffectOption(Word("slab_sizes"), "slab classes follow from -f and -n",
                     "sizes that grow by 8 bytes and more, as 100-200-400", AreGrowingSizes)));
  table.push_back(EndingWithUsage(ChunkMax(large_items)));
  table.push_back(NoEffectOption(Word("no_chunked_items"), large_items));
  table.push_back(Number("read_buf_mem_limit",
                         "an idle connection has no buffer, and -m bounds what values take", kAny,
                         {"0"}));
  table.push_back(Number("sock_cookie_id", "sockets are not marked", kAny, {"0"}));
  AddStorageOptions(table);
  return table;
}

std::string NoEffectContradiction(const Options& options) {
  return options.napi_id_count > options.worker_count
             ? absl::StrCat("-N/--napi-ids ", options.napi_id_count, " is above -t/--threads ",
                            options.worker_count)
             : "";
}

}  // namespace quarry::daemon
