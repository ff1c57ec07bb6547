#include "daemon/option_spec.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "core/base/numbers.h"

namespace quarry::daemon {
namespace {

std::string Text(NumberRange range) {
  return absl::StrCat(range.min, " to ", range.max);
}

std::optional<uint32_t> NumberWithin(NumberRange range, const std::string& value) {
  const std::optional<uint32_t> number = ParseU32(value);
  return number && *number >= range.min && *number <= range.max ? number : std::nullopt;
}

/// A number that `parse` makes of the text, or nullopt where it is not what the option takes.
template <typename Number>
OptionSpec ScalarOption(OptionText text, const char* placeholder, std::string takes,
                        Number Options::*member,
                        std::function<std::optional<Number>(const std::string&)> parse) {
  OptionSpec spec;
  spec.spelling = {text.letter, text.name, Argument::kRequired};
  spec.is_number = true;
  spec.placeholder = placeholder;
  spec.help = std::move(text.help);
  spec.takes = std::move(takes);
  spec.default_text = absl::StrCat(Options{}.*member);
  spec.apply = [member, parse = std::move(parse), takes = spec.takes](const std::string& value,
                                                                      Options& options) {
    const std::optional<Number> number = parse(value);
    if (!number) {
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

/// Once, however often it is added.
void AddWarning(std::string warning, std::vector<std::string>& warnings) {
  if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
    warnings.push_back(std::move(warning));
  }
}

}  // namespace

absl::Status Apply(const OptionSpec& spec, const std::string& name, const std::string& value,
                   Options& options) {
  const std::string text = spec.is_number ? std::string(absl::StripAsciiWhitespace(value)) : value;
  absl::Status status = spec.apply(text, options);
  const bool is_granted =
      std::find(spec.granted.begin(), spec.granted.end(), text) != spec.granted.end();
  if (status.ok() && !spec.no_effect.empty() && !is_granted) {
    AddWarning(absl::StrCat(name, " has no effect: ", spec.no_effect), options.warnings);
  }
  return status;
}

absl::Status Takes(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("it takes ", what));
}

OptionSpec NumberOption(OptionText text, uint32_t Options::*member, NumberRange range) {
  return ScalarOption<uint32_t>(
      std::move(text), "<num>", Text(range), member,
      [range](const std::string& value) { return NumberWithin(range, value); });
}

OptionSpec DecimalOption(OptionText text, double Options::*member, DecimalRange range) {
  std::string takes = absl::StrCat("a number above ", range.above);
  if (range.max != std::numeric_limits<double>::infinity()) {
    absl::StrAppend(&takes, ", at most ", range.max);
  }
  return ScalarOption<double>(
      std::move(text), "<factor>", std::move(takes), member, [range](const std::string& value) {
        const std::optional<double> number = ParseDecimal(value);
        return number && *number > range.above && *number <= range.max ? number : std::nullopt;
      });
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

OptionSpec GrantedOption(OptionName spelling) {
  OptionSpec spec;
  spec.spelling = std::move(spelling);
  spec.help = "accepted: it is so anyway";
  spec.apply = [](const std::string& /*value*/, Options& /*options*/) {
    return absl::OkStatus();
  };
  return spec;
}

OptionSpec NoEffectOption(OptionName spelling, std::string reason) {
  OptionSpec spec = GrantedOption(std::move(spelling));
  spec.help = "accepted, without effect";
  spec.no_effect = std::move(reason);
  return spec;
}

OptionSpec NoEffectOption(OptionName spelling, std::string reason, std::string takes,
                          std::function<bool(const std::string& value)> is_right) {
  OptionSpec spec = NoEffectOption(std::move(spelling), std::move(reason));
  spec.spelling.argument = Argument::kRequired;
  spec.placeholder = "<value>";
  spec.takes = std::move(takes);
  spec.apply = [takes = spec.takes, is_right = std::move(is_right)](const std::string& value,
                                                                    Options& /*options*/) {
    return is_right(value) ? absl::OkStatus() : Takes(takes);
  };
  return spec;
}

OptionSpec NoEffectNumberOption(OptionName spelling, std::string reason, NumberRange range) {
  OptionSpec spec = NoEffectOption(
      std::move(spelling), std::move(reason), Text(range),
      [range](const std::string& value) { return NumberWithin(range, value).has_value(); });
  spec.is_number = true;
  spec.placeholder = "<num>";
  return spec;
}

OptionSpec MissingOption(OptionName spelling, std::string reason) {
  OptionSpec spec;
  spec.spelling = std::move(spelling);
  spec.missing = std::move(reason);
  return spec;
}

}  // namespace quarry::daemon
