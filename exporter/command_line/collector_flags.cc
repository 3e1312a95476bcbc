#include "exporter/command_line/collector_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <sstream>

#include "exporter/command_line/number_within.h"

namespace conntrack::exporter {
namespace {

constexpr const char* kGroup = "Collectors (--no-collector.NAME disables one)";

const char* StateOf(const CatalogueEntry& entry) {
  if (!entry.on_by_default) return " (off)";
  return entry.why_unreadable ? " (on where it can be read)" : " (on)";
}

/// Adds a flag of a collector, depending on the type of its value.
class FlagAdder {
 public:
  FlagAdder(CLI::App& app, CollectorOptions& options, std::string name, std::string help)
      : app_(app), options_(options), name_(std::move(name)), help_(std::move(help)) {}

  template <class Number>
  CLI::Option* operator()(const NumberValue<Number>& value) const {
    auto* option = app_.add_option_function<Number>(
        name_, [&options = options_, set = value.set](Number number) { set(options, number); },
        help_);
    std::ostringstream initial;
    initial << value.initial;
    option->default_str(initial.str());
    if constexpr (std::is_integral_v<Number>) {
      return option->check(CLI::Range(value.lowest, value.highest));
    } else {
      return option->check(NumberWithin(value.lowest, value.highest));
    }
  }

  CLI::Option* operator()(const TextValue& value) const {
    const auto set = [&options = options_, set = value.set, name = name_](const std::string& text) {
      const auto done = set(options, text);
      if (!done) throw CLI::ValidationError(name, done.error().message);
    };
    if (value.repeatable) {
      const auto set_each = [set](const std::vector<std::string>& texts) {
        for (const auto& text : texts) set(text);
      };
      return app_.add_option_function<std::vector<std::string>>(name_, set_each, help_)
          ->allow_extra_args(false);
    }
    auto* option = app_.add_option_function<std::string>(name_, set, help_);
    if (!value.choices.empty()) option->check(CLI::IsMember(value.choices));
    return option->default_str(std::string(value.initial));
  }

  CLI::Option* operator()(const SwitchValue& value) const {
    return app_
        .add_flag_function(
            name_,
            [&options = options_, set = value.set](std::int64_t count) { set(options, count > 0); },
            help_)
        ->check(CLI::TypeValidator<bool>(""));  // otherwise std::stoll throws in CLI11
  }

 private:
  CLI::App& app_;
  CollectorOptions& options_;
  const std::string name_;
  const std::string help_;
};

}  // namespace

void CollectorFlags::AddTo(CLI::App& app) {
  app.add_flag("--collector.disable-defaults", disable_defaults_,
               "Disable all collectors except those enabled by a flag")
      ->group(kGroup);
  for (const auto& entry : Catalogue()) {
    const std::string name(entry.name);
    auto& flag = switches_[name];
    app.add_flag("--collector." + name, flag.on, std::string(entry.summary) + StateOf(entry))
        ->group(kGroup);
    app.add_flag("--no-collector." + name, flag.off)
        ->group("");  // hidden; the heading mentions them
  }
  for (const auto& entry : Catalogue()) {
    for (const auto& flag : entry.flags) {
      const auto name = "--collector." + std::string(entry.name) + "." + std::string(flag.suffix);
      auto* option = std::visit(FlagAdder(app, options_, name, std::string(flag.help)), flag.value)
                         ->type_name(std::string(flag.value_name))
                         ->group(kGroup);
      settings_.push_back({&entry, &flag, option});
    }
  }
}

std::vector<std::string> CollectorFlags::Enabled() const {
  std::vector<std::string> enabled;
  for (const auto& entry : Catalogue()) {
    const auto& flag = switches_.at(std::string(entry.name));
    const bool on = flag.on || (entry.on_by_default && !disable_defaults_);
    if (on && !flag.off) enabled.emplace_back(entry.name);
  }
  return enabled;
}

std::vector<std::string> CollectorFlags::AskedFor() const {
  auto asked_for = Enabled();
  std::erase_if(asked_for, [this](const auto& name) { return !switches_.at(name).on; });
  return asked_for;
}

std::vector<std::string> CollectorFlags::WithoutEffect() const {
  const auto enabled = EntriesOf(Enabled());
  std::vector<std::string> without_effect;
  for (const auto& setting : settings_) {
    const auto takes_it = [&setting](const CatalogueEntry* entry) {
      return entry == setting.collector ||
             (setting.flag->of_shared_walk && entry->use_flow_sampler);
    };
    if (setting.option->count() == 0 || std::ranges::any_of(enabled, takes_it)) continue;
    const bool is_switch = std::holds_alternative<SwitchValue>(setting.flag->value);
    if (is_switch && !setting.option->as<bool>()) continue;  // --collector.talkers.pairs=false
    auto& text = without_effect.emplace_back(setting.option->get_name());
    text.append(" needs --collector.").append(setting.collector->name);
  }
  return without_effect;
}

}  // namespace conntrack::exporter
