#include "protocol/slabs_command.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/command/commands.h"

namespace quarry::command {

using protocol::Error;
using protocol::SlabsCommand;

namespace {

Error Reassign(const Call& call, const SlabsCommand& command) {
  const auto class_count = static_cast<int32_t>(call.engine().slab_classes().slab_class_count());
  if (command.source == command.destination) {
    return Error::kSameClass;
  }
  // Ids count from 1. The one behind the classes is that of large items: they have no page that
  // could be theirs without them.
  const bool is_any = command.source == SlabsCommand::kAnyClass;
  const bool is_pool = command.destination == SlabsCommand::kGlobalPool;
  if ((!is_any && (command.source < 1 || command.source > class_count)) ||
      (!is_pool && (command.destination < 1 || command.destination > class_count))) {
    return Error::kBadMoveClass;
  }
  std::optional<uint32_t> from;
  std::optional<uint32_t> to;
  if (!is_any) {
    from = static_cast<uint32_t>(command.source) - 1;
  }
  if (!is_pool) {
    to = static_cast<uint32_t>(command.destination) - 1;
  }
  const bool is_moved = call.engine().MovePage(from, to, call.now());
  call.context.event_log.TellSystemEvent("slab_move",
                                         "src=" + std::to_string(command.source) +
                                             " dst=" + std::to_string(command.destination) +
                                             " state=" + (is_moved ? "done" : "no_page"));
  return is_moved ? Error::kNone : Error::kNoSparePage;
}

Error CarryOut(const Call& call, const SlabsCommand& command) {
  AutomoveSettings& automove = call.context.automove;
  switch (command.kind) {
    case SlabsCommand::Kind::kReassign:
      return Reassign(call, command);
    case SlabsCommand::Kind::kAutomove:
      automove.mode.store(command.mode, std::memory_order_relaxed);
      call.engine().SetRebalancing(command.mode != 0);
      break;
    case SlabsCommand::Kind::kAutomoveRatio:
      automove.ratio.store(command.ratio, std::memory_order_relaxed);
      break;
    case SlabsCommand::Kind::kAutomoveFreeRatio:
      automove.free_ratio.store(command.ratio, std::memory_order_relaxed);
      break;
    case SlabsCommand::Kind::kAutomoveWindow:
      automove.window.store(command.window, std::memory_order_relaxed);
      break;
  }
  return Error::kNone;
}

}  // namespace

void Slabs(const Call& call) {
  SlabsCommand command;
  Error error = protocol::ParseSlabs(call.request.arguments, command);
  if (error == Error::kNone) {
    error = CarryOut(call, command);
  }
  ReplyOkOr(call, error);
}

}  // namespace quarry::command
