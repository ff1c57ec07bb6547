#include <optional>
#include <string_view>

#include "daemon/command/commands.h"
#include "protocol/binary_command_table.h"
#include "protocol/binary_reply.h"
#include "protocol/sasl_plain.h"

namespace quarry::command {

using protocol::BinaryStatus;
using protocol::Opcode;

namespace {

/// The one mechanism: whoever wants the password secret on its way uses TLS.
constexpr std::string_view kMechanism = "PLAIN";
constexpr size_t kMaxMechanismBytes = 32;

constexpr std::string_view kAuthenticated = "Authenticated";

void ReplyText(const Call& call, std::string_view text) {
  call.replies.AdvanceTo(protocol::WriteTextPacket(call.replies.cursor(), call.request, text));
}

}  // namespace

bool Sasl(const Call& call) {
  const protocol::Request& request = call.request;
  const UserStore* users = call.context.sasl_users;
  if (users == nullptr) {
    ReplyError(request, protocol::Error::kUnknownCommand, call.replies);
    return false;
  }
  const auto opcode = static_cast<Opcode>(request.opcode);
  if (opcode == Opcode::kSaslMechanisms) {
    ReplyText(call, kMechanism);
    return false;
  }
  if (request.arguments.size() > kMaxMechanismBytes) {
    ReplyPacket(call, BinaryStatus::kInvalidArguments);
    return false;
  }
  const bool knows_mechanism = request.arguments == kMechanism;
  if (knows_mechanism && request.value_bytes == 0 && opcode == Opcode::kSaslAuth) {
    ReplyPacket(call, BinaryStatus::kAuthContinue);  // the token comes with the next step
    return false;
  }
  const std::optional<protocol::PlainToken> token = protocol::ParsePlainToken(request.value);
  const bool accepted = knows_mechanism && token && users->Accepts(token->user, token->password);
  CountLogin(call.counters, accepted);
  if (accepted) {
    ReplyText(call, kAuthenticated);
  } else {
    ReplyPacket(call, BinaryStatus::kAuthError);
  }
  return accepted;
}

}  // namespace quarry::command
