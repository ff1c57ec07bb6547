#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/command/awaited_reply.h"
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

/// The reply to a login, whenever it is known how that has ended.
void ReplyOutcome(const protocol::Request& request, bool accepted, ReplyBuffer& replies) {
  replies.AdvanceTo(
      accepted
          ? protocol::WriteTextPacket(replies.cursor(), protocol::EchoOf(request), kAuthenticated)
          : protocol::WriteStatusPacket(replies.cursor(), protocol::EchoOf(request),
                                        BinaryStatus::kAuthError, /*cas=*/0));
}

/// Has the service look at the token, and answers when it has.
void AskService(const Call& call) {
  auto verdict = std::make_shared<Verdict>(call.conversation.ticket.wake());
  call.context.sasl_service->Ask(std::string(call.request.value), verdict);
  call.conversation.long_reply = std::make_unique<AwaitedReply>(
      std::move(verdict),
      [request = protocol::WithoutViews(call.request), &counters = call.counters,
       &conversation = call.conversation](bool accepted, ReplyBuffer& replies) {
        CountLogin(counters, accepted);
        conversation.logged_in = accepted;
        ReplyOutcome(request, accepted, replies);
      });
}

/// True when the server's own list has the user of `token`.
bool IsListed(const UserStore& users, std::string_view token) {
  const std::optional<protocol::PlainToken> parsed = protocol::ParsePlainToken(token);
  return parsed && users.Accepts(parsed->user, parsed->password);
}

}  // namespace

void Sasl(const Call& call) {
  const protocol::Request& request = call.request;
  if (!call.context.has_sasl()) {
    return ReplyError(request, protocol::Error::kUnknownCommand, call.replies);
  }
  const auto opcode = static_cast<Opcode>(request.opcode);
  if (opcode == Opcode::kSaslMechanisms) {
    call.replies.AdvanceTo(
        protocol::WriteTextPacket(call.replies.cursor(), protocol::EchoOf(request), kMechanism));
    return;
  }
  call.conversation.logged_in = false;  // an attempt ends an earlier login, however it ends itself
  if (request.arguments.size() > kMaxMechanismBytes) {
    return ReplyPacket(call, BinaryStatus::kInvalidArguments);
  }
  const bool knows_mechanism = request.arguments == kMechanism;
  if (knows_mechanism && request.value_bytes == 0 && opcode == Opcode::kSaslAuth) {
    return ReplyPacket(call, BinaryStatus::kAuthContinue);  // the token comes with the next step
  }
  if (knows_mechanism && call.context.sasl_service != nullptr) {
    return AskService(call);
  }
  const bool accepted = knows_mechanism && IsListed(*call.context.sasl_users, request.value);
  CountLogin(call.counters, accepted);
  call.conversation.logged_in = accepted;
  ReplyOutcome(request, accepted, call.replies);
}

}  // namespace quarry::command
