#include "protocol/plain_request.h"

#include "protocol/binary_parser.h"
#include "protocol/plain_packet.h"

namespace quarry::protocol {

Request FullRequest(const PlainRequest& plain) {
  using Kind = PlainRequest::Kind;
  switch (plain.kind) {
    case Kind::kGet:
      return {.op = Op::kGet,
              .want_value = true,
              .want_cas = plain.want_cas,
              .ends_line = plain.ends_line,
              .key = plain.key};
    case Kind::kMetaGet:
      return {.op = Op::kGet,
              .dialect = Dialect::kMeta,
              .quiet = plain.quiet,
              .want_value = plain.want_value,
              .key = plain.key,
              .flag_tokens = plain.flag_tokens};
    case Kind::kSet:
      return {.op = Op::kStore,
              .key = plain.key,
              .exptime = plain.exptime,
              .client_flags = plain.client_flags,
              .value_bytes = plain.value.size(),
              .value = plain.value};
    case Kind::kPacketGet:
    case Kind::kPacketSet: {
      Request request;
      ParseBinary(PacketOf(plain), request);
      return request;
    }
    case Kind::kNone:
      break;
  }
  return {};
}

}  // namespace quarry::protocol
