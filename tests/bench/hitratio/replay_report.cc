#include "tests/bench/hitratio/replay_report.h"

#include <iomanip>
#include <sstream>
#include <string_view>

#include "tests/bench/json.h"

namespace quarry::bench {
namespace {

/// The parameters of a trace that matter for its kind, each with its name.
template <typename Add>
void ForEachParameter(const TraceOptions& trace, Add add) {
  if (trace.kind == TraceKind::kFile) {
    add("file", trace.path);
    add("value_size", trace.value_sizes);
    return;
  }
  add("alpha", trace.alpha);
  add("keys", trace.key_count);
  add("value_size", trace.value_sizes);
  add("requests", trace.requests);
  add("seed", trace.seed);
  if (trace.kind == TraceKind::kScan) {
    add("scan_every", trace.scan_every);
    add("scan_keys", trace.scan_keys);
  } else if (trace.kind == TraceKind::kShift) {
    add("shift_every", trace.shift_every);
    add("shift_keys", trace.shift_keys);
  } else if (trace.kind == TraceKind::kOneHit) {
    add("one_hit_share", trace.one_hit_share);
  }
}

template <typename Add>
void ForEachParameter(const ReplayOptions& options, Add add) {
  switch (options.target) {
    case ReplayTarget::kEngine:
      add("target", std::string("engine"));
      add("memory_mb", options.engine.memory_mb);
      add("shards", options.engine.shard_count);
      add("growth_factor", options.engine.growth_factor);
      add("item_limit_mb", options.engine.item_limit_mb);
      add("lru_mode", std::string(options.engine.flat_lru ? "flat" : "segmented"));
      add("rate", options.engine.requests_per_second);
      if (options.engine.min_ttl_sec > 0) {
        add("min_ttl", options.engine.min_ttl_sec);
        add("max_ttl", options.engine.max_ttl_sec);
      }
      break;
    case ReplayTarget::kServer:
      add("target", std::string("server"));
      add("batch", options.server.batch);
      add("rate", options.server.requests_per_second);
      break;
    case ReplayTarget::kLru:
      add("target", std::string("lru"));
      if (options.lru.max_items > 0) {
        add("lru_items", options.lru.max_items);
      } else {
        add("lru_mb", options.lru.memory_mb);
      }
      break;
  }
}

template <typename Options>
std::string ParametersText(const Options& options) {
  std::ostringstream out;
  ForEachParameter(options, [&](std::string_view name, const auto& value) {
    out << (out.tellp() == 0 ? "" : ", ") << name << ' ' << value;
  });
  return out.str();
}

std::string JsonValue(const std::string& text) {
  return JsonQuoted(text);
}

template <typename Number>
Number JsonValue(Number number) {
  return number;
}

template <typename Options>
void AddParameters(const Options& options, JsonObject& object) {
  ForEachParameter(options, [&](std::string_view name, const auto& value) {
    object.Add(name, JsonValue(value));
  });
}

std::string CountJson(const HitCount& count) {
  return JsonObject()
      .Add("requests", count.requests)
      .Add("hits", count.hits)
      .Add("hit_ratio", count.Ratio())
      .Add("bytes", count.bytes)
      .Add("hit_bytes", count.hit_bytes)
      .Finish();
}

std::string CountsJson(const std::vector<HitCount>& counts) {
  std::string list = "[";
  for (const HitCount& count : counts) {
    list += (list.size() == 1 ? "" : ", ") + CountJson(count);
  }
  return list + "]";
}

std::string CountText(const HitCount& count) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(4) << count.Ratio() << " of " << count.requests
      << " requests, " << count.ByteRatio() << " of the bytes";
  return out.str();
}

}  // namespace

std::string ReplayText(const ReplayOptions& options, const ReplayResult& result,
                       const Tally& tally) {
  std::ostringstream out;
  out << "trace " << DefaultsOf(options.trace.kind).name << ": " << ParametersText(options.trace)
      << "\nagainst " << ParametersText(options) << "\nhit ratio " << CountText(tally.total());
  if (tally.phases().size() > 1) {
    for (size_t i = 0; i < tally.phases().size(); ++i) {
      out << "\n  phase " << i + 1 << ": " << CountText(tally.phases()[i]);
    }
  }
  uint64_t first_request = 0;
  for (const HitCount& window : tally.windows()) {
    out << "\n  from request " << std::setw(9) << first_request << ": " << CountText(window);
    first_request += window.requests;
  }
  out << "\nitems at the end " << result.items << ", refused sets " << result.refused_sets
      << std::fixed << std::setprecision(2) << ", seconds " << result.seconds << '\n';
  if (options.engine.min_ttl_sec > 0) {
    out << "expired items freed " << result.reclaimed << ", looked at in the background "
        << result.items_checked << '\n';
  }
  for (const auto& [text, count] : result.error_texts) {
    out << "  " << count << " x " << text << '\n';
  }
  return out.str();
}

std::string ReplayJson(const ReplayOptions& options, const ReplayResult& result,
                       const Tally& tally) {
  JsonObject trace;
  trace.Add("name", JsonQuoted(DefaultsOf(options.trace.kind).name));
  AddParameters(options.trace, trace);
  JsonObject target;
  AddParameters(options, target);
  JsonObject errors;
  for (const auto& [text, count] : result.error_texts) {
    errors.Add(text, count);
  }
  return JsonObject()
      .Add("trace", trace.Finish())
      .Add("against", target.Finish())
      .Add("total", CountJson(tally.total()))
      .Add("phases", CountsJson(tally.phases()))
      .Add("window_requests", tally.window_requests())
      .Add("windows", CountsJson(tally.windows()))
      .Add("items", result.items)
      .Add("refused_sets", result.refused_sets)
      .Add("reclaimed", result.reclaimed)
      .Add("items_checked", result.items_checked)
      .Add("errors", errors.Finish())
      .Add("seconds", result.seconds)
      .Finish();
}

}  // namespace quarry::bench
