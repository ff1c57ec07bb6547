#include "protocol/slabs_command.h"

#include <optional>

#include "core/base/numbers.h"
#include "protocol/tokenizer.h"

namespace quarry::protocol {
namespace {

using Kind = SlabsCommand::Kind;

constexpr uint32_t kMaxMode = 2;
constexpr uint32_t kMinWindow = 3;
constexpr uint32_t kMaxWindow = 1800;

/// <source> <destination>
Error ParseReassign(std::string_view source, std::string_view destination, SlabsCommand& command) {
  const std::optional<int32_t> source_id = ParseI32(source);
  const std::optional<int32_t> destination_id = ParseI32(destination);
  if (!source_id || !destination_id) {
    return Error::kBadLine;
  }
  command.source = *source_id;
  command.destination = *destination_id;
  return Error::kNone;
}

Error ParseMode(std::string_view token, SlabsCommand& command) {
  const std::optional<uint32_t> mode = ParseU32(token);
  command.mode = mode.value_or(0);
  if (!mode) {
    return Error::kBadLine;
  }
  return *mode <= kMaxMode ? Error::kNone : Error::kUnknownCommand;
}

Error ParseRatio(std::string_view token, SlabsCommand& command) {
  command.ratio = ParseDecimal(token).value_or(0);
  return command.ratio > 0 && command.ratio <= 1 ? Error::kNone : Error::kUnknownCommand;
}

Error ParseWindow(std::string_view token, SlabsCommand& command) {
  const std::optional<uint32_t> window = ParseU32(token);
  command.window = window.value_or(0);
  if (!window) {
    return Error::kBadLine;
  }
  return *window >= kMinWindow && *window <= kMaxWindow ? Error::kNone : Error::kAutomoveWindow;
}

/// <mode>, or the name of a setting and its <value>
Error ParseAutomove(std::string_view name, std::string_view value, SlabsCommand& command) {
  const bool has_value = !value.empty();
  if (name == "ratio" || name == "freeratio") {
    command.kind = name == "ratio" ? Kind::kAutomoveRatio : Kind::kAutomoveFreeRatio;
    return has_value ? ParseRatio(value, command) : Error::kUnknownCommand;
  }
  if (name == "window") {
    command.kind = Kind::kAutomoveWindow;
    return has_value ? ParseWindow(value, command) : Error::kUnknownCommand;
  }
  command.kind = Kind::kAutomove;
  return has_value || name.empty() ? Error::kUnknownCommand : ParseMode(name, command);
}

}  // namespace

Error ParseSlabs(std::string_view arguments, SlabsCommand& command) {
  Tokenizer tokens(arguments);
  const std::string_view name = tokens.Next();
  const std::string_view first = tokens.Next();
  const std::string_view second = tokens.Next();
  const bool is_over = tokens.Rest().empty();
  if (name == "reassign" && !second.empty() && is_over) {
    command.kind = Kind::kReassign;
    return ParseReassign(first, second, command);
  }
  return name == "automove" && is_over ? ParseAutomove(first, second, command)
                                       : Error::kUnknownCommand;
}

}  // namespace quarry::protocol
