#include "daemon/command/options_from_request.h"

#include <algorithm>

#include "protocol/binary_command_table.h"
#include "protocol/tokenizer.h"

namespace quarry::command {

using protocol::Op;
using protocol::Request;

namespace {

/// The longest time that the wire counts from now; a larger number is a unix time.
constexpr int64_t kMaxRelativeSec = 60 * 60 * 24 * 30;

Expiry TouchExpiry(const Request& request, Moment moment) {
  return request.touch ? ExpiryFromWire(request.exptime, moment) : kNever;
}

bool TouchComesLast(std::string_view flag_tokens) {
  bool touch_last = false;
  protocol::Tokenizer tokens(flag_tokens);
  for (std::string_view token = tokens.Next(); !token.empty(); token = tokens.Next()) {
    if (token.front() == 'T' || token.front() == 'N') {
      touch_last = token.front() == 'T';
    }
  }
  return touch_last;
}

/// With both N and T the one that was given last decides how long a created item lives.
Expiry VivifyExpiry(const Request& request, Moment moment) {
  if (!request.vivify) {
    return kNever;
  }
  const bool touch_decides = request.touch && TouchComesLast(request.flag_tokens);
  return ExpiryFromWire(touch_decides ? request.exptime : request.vivify_exptime, moment);
}

uint64_t NewCas(const Request& request) {
  return request.set_cas ? request.new_cas : 0;
}

/// Whether a refused value takes the old one with it although it has a CAS to match, or replaces
/// only: to ms and to the packet Set a stale value is worse than none. The others keep what is
/// there, a Replace whose CAS makes it the same as a Set among them.
bool DropsOldInAnyCase(const Request& request) {
  switch (request.dialect) {
    case protocol::Dialect::kMeta:
      return request.mode == protocol::StoreMode::kSet ||
             request.mode == protocol::StoreMode::kReplace;
    case protocol::Dialect::kBinary: {
      const auto opcode = static_cast<protocol::Opcode>(request.opcode);
      return opcode == protocol::Opcode::kSet || opcode == protocol::Opcode::kSetQ;
    }
    case protocol::Dialect::kClassic:
      break;
  }
  return false;
}

/// Whether replies in text show the key of what the request stores in base64: if it was sent so, or
/// could not be sent otherwise.
bool ShowsKeyInBase64(const Request& request) {
  return request.base64_key || request.raw_key;
}

}  // namespace

Expiry ExpiryFromWire(int64_t exptime, Moment moment) {
  if (exptime == 0) {
    return kNever;
  }
  if (exptime < 0) {
    return kAlreadyExpired;
  }
  if (exptime <= kMaxRelativeSec) {
    return moment.now.ceil_sec + static_cast<uint32_t>(exptime);
  }
  if (exptime <= std::max(moment.clock.UnixNow(), moment.clock.unix_start())) {
    return kAlreadyExpired;
  }
  return moment.clock.ExpiryAt(exptime);
}

core::StoreMode ModeOf(const Request& request) {
  switch (request.mode) {
    case protocol::StoreMode::kSet:
      return core::StoreMode::kSet;
    case protocol::StoreMode::kAdd:
      return core::StoreMode::kAdd;
    case protocol::StoreMode::kReplace:
      return core::StoreMode::kReplace;
    case protocol::StoreMode::kAppend:
      return core::StoreMode::kAppend;
    case protocol::StoreMode::kPrepend:
      return core::StoreMode::kPrepend;
  }
  return core::StoreMode::kSet;
}

core::GetOptions GetOptionsOf(const Request& request, Moment moment) {
  core::GetOptions options;
  if (request.op == Op::kInspect) {
    options.count_as = core::CountAs::kNothing;
    options.bump = false;
    options.want_value = false;
    return options;
  }
  options.count_as = request.touch ? core::CountAs::kTouch : core::CountAs::kGet;
  options.bump = request.bump;
  options.want_value = request.want_value;
  options.touch = request.touch;
  options.vivify = request.vivify;
  options.base64_key = ShowsKeyInBase64(request);
  options.may_win = request.dialect == protocol::Dialect::kMeta;
  options.recache = request.recache;
  options.touch_first = request.touch_first;
  options.compare_cas = request.compare_cas;
  options.recache_sec = static_cast<uint32_t>(std::max(request.recache_sec, 0));
  options.expiry = TouchExpiry(request, moment);
  options.vivify_expiry = VivifyExpiry(request, moment);
  options.cas = request.cas;
  options.vivify_cas = NewCas(request);
  return options;
}

core::StoreOptions StoreOptionsOf(const Request& request, Moment moment) {
  core::StoreOptions options;
  options.mode = ModeOf(request);
  options.base64_key = ShowsKeyInBase64(request);
  // To an append C0 is no CAS; to the others it is one that no item has.
  options.compare_cas = request.compare_cas && (request.cas != 0 || !options.joins());
  options.invalidate = request.invalidate;
  options.vivify = request.vivify;
  options.drop_old = DropsOldInAnyCase(request);
  options.client_flags = request.client_flags;
  options.expiry = ExpiryFromWire(request.exptime, moment);
  options.vivify_expiry = ExpiryFromWire(request.vivify_exptime, moment);
  options.cas = request.cas;
  options.new_cas = NewCas(request);
  return options;
}

core::DeleteOptions DeleteOptionsOf(const Request& request, Moment moment) {
  core::DeleteOptions options;
  options.compare_cas = request.compare_cas;
  options.invalidate = request.invalidate;
  options.remove_value = request.remove_value;
  options.touch = request.touch;
  options.client_flags = request.set_flags ? request.client_flags : 0;
  options.expiry = TouchExpiry(request, moment);
  options.cas = request.cas;
  options.new_cas = NewCas(request);
  return options;
}

core::ArithmeticOptions ArithmeticOptionsOf(const Request& request, Moment moment) {
  core::ArithmeticOptions options;
  options.decrement = request.decrement;
  options.compare_cas = request.compare_cas && request.cas != 0;  // C0 asks for no CAS here
  options.vivify = request.vivify;
  options.touch = request.touch;
  options.base64_key = ShowsKeyInBase64(request);
  options.expiry = TouchExpiry(request, moment);
  options.vivify_expiry = VivifyExpiry(request, moment);
  options.delta = request.delta;
  options.initial = request.initial;
  options.cas = request.cas;
  options.new_cas = NewCas(request);
  return options;
}

}  // namespace quarry::command
