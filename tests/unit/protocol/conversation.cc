#include "tests/unit/protocol/conversation.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "protocol/plain_line.h"
#include "protocol/plain_packet.h"
#include "protocol/words.h"

namespace quarry::protocol {
namespace {

constexpr std::array<std::string_view, 24> kOpNames = {
    "get",           "end",      "store",        "delete",   "arithmetic", "touch",
    "inspect",       "noop",     "flush_all",    "version",  "verbosity",  "lru_mode",
    "temporary_ttl", "lru_tune", "memory_limit", "slabs",    "crawler",    "stats",
    "sasl",          "watch",    "quit",         "shutdown", "refresh",    "error"};
constexpr std::array<std::string_view, 5> kModeNames = {"set", "add", "replace", "append",
                                                        "prepend"};

std::string Quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// Collects words with one space between them.
class Words {
 public:
  void Add(std::string_view word) {
    text_ += text_.empty() ? "" : " ";
    text_ += word;
  }
  void AddIf(bool present, std::string_view word) {
    if (present) {
      Add(word);
    }
  }
  template <typename Number>
  void AddNumber(std::string_view name, Number number, Number usual) {
    if (number != usual) {
      Add(std::string(name) + "=" + std::to_string(number));
    }
  }
  void AddText(std::string_view name, std::string_view text) {
    if (!text.empty()) {
      Add(std::string(name) + "=" + Quoted(text));
    }
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddSwitches(const Request& request, Words& words) {
  words.AddIf(request.quiet, "quiet");
  words.AddIf(request.base64_key, "base64");
  words.AddIf(request.want_value, "value");
  words.AddIf(request.want_cas, "cas");
  words.AddIf(request.want_key, "key");
  words.AddIf(request.raw_key, "raw");
  words.AddIf(!request.bump, "unbumped");
  words.AddIf(request.touch, "touch");
  words.AddIf(request.vivify, "vivify");
  words.AddIf(request.recache, "recache");
  words.AddIf(request.touch_first, "touch_first");
  words.AddIf(request.invalidate, "invalidate");
  words.AddIf(request.remove_value, "remove_value");
  words.AddIf(request.compare_cas, "compare");
  words.AddIf(request.set_cas, "set_cas");
  words.AddIf(request.decrement, "decrement");
  words.AddIf(request.set_flags, "set_flags");
}

void AddNumbers(const Request& request, Words& words) {
  const Request usual;
  words.AddNumber("exptime", request.exptime, usual.exptime);
  words.AddNumber("vivify_exptime", request.vivify_exptime, usual.vivify_exptime);
  words.AddNumber("recache_sec", request.recache_sec, usual.recache_sec);
  words.AddNumber("client_flags", request.client_flags, usual.client_flags);
  words.AddNumber("verbosity", request.verbosity, usual.verbosity);
  words.AddNumber("memory_limit_mb", request.memory_limit_mb, usual.memory_limit_mb);
  words.AddNumber("cas", request.cas, usual.cas);
  words.AddNumber("new_cas", request.new_cas, usual.new_cas);
  words.AddNumber("delta", request.delta, usual.delta);
  words.AddNumber("initial", request.initial, usual.initial);
  words.AddNumber("opaque", request.opaque, usual.opaque);
}

bool LiesWithin(std::string_view view, std::string_view bytes) {
  const std::less_equal<> not_behind;
  return view.empty() || (not_behind(bytes.data(), view.data()) &&
                          not_behind(view.data() + view.size(), bytes.data() + bytes.size()));
}

/// What the parsers promise of any input.
void CheckResult(std::string_view input, const ParseResult& result, const Request& request) {
  QUARRY_CHECK(result.consumed <= input.size());
  if (result.status == ParseStatus::kRequest || result.status == ParseStatus::kNeedBody) {
    QUARRY_CHECK(result.consumed > 0);
    for (const std::string_view view :
         {request.key, request.flag_tokens, request.arguments, request.value}) {
      QUARRY_CHECK(LiesWithin(view, input.substr(0, result.consumed)));
    }
    QUARRY_CHECK(request.key.size() <= kMaxKeyBytes);
  }
}

/// The short cuts for plain requests leave what the general parsers leave.
void CheckPlain(WireForm form, std::string_view input) {
  PlainRequest plain;
  const size_t consumed = ParsePlain(form, input, plain);
  if (consumed == 0) {
    return;
  }
  ParserState state{.form = form};
  Request any;
  const ParseResult result = Parse(input, state, any);
  QUARRY_CHECK(result.status == ParseStatus::kRequest && result.consumed == consumed);
  QUARRY_CHECK(!result.close && !result.close_if_more && result.swallow_bytes == 0);
  QUARRY_CHECK(!state.line.active && !state.line.skip_to_end);
  QUARRY_CHECK(Describe(FullRequest(plain)) == Describe(any) && plain.value == any.value);
  // Of packets the rest is found without asking for the whole.
  QUARRY_CHECK(plain.key == any.key);
  QUARRY_CHECK(!plain.is_set() ||
               (plain.client_flags == any.client_flags && plain.exptime == any.exptime));
  QUARRY_CHECK(form == WireForm::kText ||
               (plain.quiet == any.quiet && plain.want_key == any.want_key));
}

/// True for a request that says how long its value is.
bool HasValue(const Request& request) {
  return request.op == Op::kStore || request.op == Op::kSasl;
}

}  // namespace

size_t ParsePlain(WireForm form, std::string_view input, PlainRequest& request) {
  const auto parse = [form](const char* begin, const char* end, PlainRequest& parsed) {
    return form == WireForm::kText ? ParsePlainLine(begin, end, parsed)
                                   : ParsePlainPacket(begin, end, parsed);
  };
  // Where a byte behind the input is looked at, a sanitizer sees it: a string has one, a copy none.
  PlainRequest of_copy;
  const std::vector<char> copy(input.begin(), input.end());
  const char* const copy_end = parse(copy.data(), copy.data() + copy.size(), of_copy);
  const char* const end = parse(input.data(), input.data() + input.size(), request);
  QUARRY_CHECK((end == nullptr) == (copy_end == nullptr));
  return end == nullptr ? 0 : static_cast<size_t>(end - input.data());
}

std::string Describe(const Request& request) {
  Words words;
  words.AddIf(request.dialect == Dialect::kMeta, "meta");
  words.AddIf(request.dialect == Dialect::kBinary, "binary");
  words.Add(kOpNames.at(static_cast<size_t>(request.op)));
  if (request.op == Op::kError) {
    const std::string_view text = ErrorLine(request.error);
    words.Add(text.substr(0, text.size() - kCrlf.size()));
  }
  words.AddIf(request.mode != StoreMode::kSet, kModeNames.at(static_cast<size_t>(request.mode)));
  AddSwitches(request, words);
  words.AddText("key", request.key);
  words.AddText("flags", request.flag_tokens);
  words.AddText("arguments", request.arguments);
  AddNumbers(request, words);
  words.AddIf(HasValue(request), "bytes=" + std::to_string(request.value_bytes));
  return words.Take() + (request.ends_line ? "; end" : "");
}

void Conversation::Receive(std::string_view bytes) {
  buffer_ += bytes;
  while (!closed_ && Step()) {
  }
}

void Conversation::Consume(size_t bytes) {
  buffer_.erase(0, bytes);
}

void Conversation::Close() {
  closed_ = true;
  requests_.emplace_back("closed");
}

/// Ends the pending store if its body is there; false when bytes are missing.
bool Conversation::FinishBody() {
  const size_t terminator_bytes = TerminatorBytes(store_);
  const size_t body_bytes = store_.value_bytes + terminator_bytes;
  if (buffer_.size() < body_bytes) {
    return false;
  }
  if (kCrlf.starts_with(std::string_view(buffer_).substr(store_.value_bytes, terminator_bytes))) {
    requests_.push_back(store_words_ + " " + Quoted(buffer_.substr(0, store_.value_bytes)));
  } else {
    requests_.push_back(Describe({.op = Op::kError,
                                  .dialect = store_.dialect,
                                  .error = Error::kBadDataChunk,
                                  .quiet = store_.quiet && store_.dialect == Dialect::kClassic}));
  }
  body_pending_ = false;
  Consume(body_bytes);
  return true;
}

/// Gets one step further; false when more bytes are needed.
bool Conversation::Step() {
  const size_t swallowed = std::min(swallow_bytes_, buffer_.size());
  Consume(swallowed);
  swallow_bytes_ -= swallowed;
  if (swallow_bytes_ != 0) {
    return false;
  }
  if (body_pending_) {
    return FinishBody();
  }
  if (!state_.line.active) {
    CheckPlain(state_.form, buffer_);
  }
  Request request;
  const ParseResult result = protocol::Parse(buffer_, state_, request);
  CheckResult(buffer_, result, request);
  switch (result.status) {
    case ParseStatus::kNeedMore:
      Consume(result.consumed);
      return result.consumed > 0;
    case ParseStatus::kClose:
      Close();
      return false;
    case ParseStatus::kNeedBody:
      store_ = request;
      store_words_ = Describe(request);
      body_pending_ = true;
      Consume(result.consumed);
      return true;
    case ParseStatus::kRequest:
      break;
  }
  requests_.push_back(Describe(request));
  if (HasValue(request)) {
    requests_.back() += " " + Quoted(request.value);
  }
  swallow_bytes_ = result.swallow_bytes;
  Consume(result.consumed);
  if (result.close || (result.close_if_more && !buffer_.empty())) {
    Close();
    return false;
  }
  return true;
}

std::vector<std::string> Parse(std::string_view bytes, size_t fragment_bytes, WireForm form) {
  Conversation conversation(form);
  for (size_t begin = 0; begin < bytes.size(); begin += fragment_bytes) {
    conversation.Receive(bytes.substr(begin, fragment_bytes));
    if (fragment_bytes > bytes.size()) {
      break;
    }
  }
  return conversation.requests();
}

std::string ParseLine(std::string_view line) {
  std::string all;
  for (const std::string& request : Parse(std::string(line) + "\r\n")) {
    all += all.empty() ? "" : "; ";
    all += request;
  }
  return all;
}

}  // namespace quarry::protocol
