#include "daemon/option_spec.h"

#include <optional>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "core/base/numbers.h"

namespace quarry::daemon {

absl::Status Apply(const OptionSpec& spec, const std::string& value, Options& options) {
  return spec.apply(spec.is_number ? std::string(absl::StripAsciiWhitespace(value)) : value,
                    options);
}

absl::Status Takes(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("it takes ", what));
}

OptionSpec NumberOption(OptionText text, uint32_t Options::*member, NumberRange range) {
  OptionSpec spec;
  spec.spelling = {text.letter, text.name, Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = "<num>";
  spec.help = std::move(text.help);
  spec.takes = absl::StrCat(range.min, " to ", range.max);
  spec.default_text = absl::StrCat(Options{}.*member);
  spec.apply = [member, range, takes = spec.takes](const std::string& value, Options& options) {
    const std::optional<uint32_t> number = ParseU32(value);
    if (!number || *number < range.min || *number > range.max) {
      return Takes(takes);
    }
    options.*member = *number;
    return absl::OkStatus();
  };
  spec.setting = std::move(text.setting);
  spec.show = [member](const Options& options) {
    return absl::StrCat(options.*member);
  };
  return spec;
}

OptionSpec FlagOption(OptionText text, bool Options::*member, bool given_value, FlagWords words) {
  OptionSpec spec;
  spec.spelling = {text.letter, text.name, Argument::kNone};
  spec.help = std::move(text.help);
  spec.apply = [member, given_value](const std::string& /*value*/, Options& options) {
    options.*member = given_value;
    return absl::OkStatus();
  };
  spec.setting = std::move(text.setting);
  spec.show = [member, words](const Options& options) {
    return std::string(options.*member ? words.when_true : words.when_false);
  };
  return spec;
}

OptionSpec TextOption(OptionText text, std::string placeholder, std::string Options::*member) {
  OptionSpec spec;
  spec.spelling = {text.letter, text.name, Argument::kRequired};
  spec.placeholder = std::move(placeholder);
  spec.help = std::move(text.help);
  spec.apply = [member](const std::string& value, Options& options) {
    if (value.empty()) {
      return Takes("a text that is not empty");
    }
    options.*member = value;
    return absl::OkStatus();
  };
  spec.setting = std::move(text.setting);
  spec.show = [member](const Options& options) {
    const std::string& value = options.*member;
    return value.empty() ? std::string("NULL") : value;
  };
  return spec;
}

OptionSpec MissingOption(OptionName spelling, std::string reason) {
  OptionSpec spec;
  spec.spelling = std::move(spelling);
  spec.missing = std::move(reason);
  return spec;
}

}  // namespace quarry::daemon
