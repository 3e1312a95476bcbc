#include "exporter/commands/advise/flow_survey.h"

#include <linux/netfilter/nf_conntrack_common.h>

#include <algorithm>
#include <map>
#include <string>

#include "collectors/flows/flow_tally.h"
#include "kernel/flow.h"

namespace conntrack::exporter::advise {
namespace {

// Enough to find what a translated service is compared with.
constexpr std::size_t kTranslatedServices = 1000;

TalkersOptions TopOf(std::size_t services) {
  TalkersOptions options;
  options.top = services;
  return options;
}

/// Counts all flows, and once more those that are translated.
class Survey final : public kernel::FlowVisitor {
 public:
  explicit Survey(std::size_t top_services)
      : all_({.talkers = TopOf(top_services), .snat_top = std::nullopt}),
        translated_(TopOf(kTranslatedServices)) {}

  void Begin() override {
    all_.Begin();
    translated_.Begin();
    source_translated_ = 0;
  }

  void Visit(const kernel::Flow& flow) override {
    all_.Visit(flow);
    if ((flow.status & (IPS_SRC_NAT | IPS_DST_NAT)) != 0) translated_.Visit(flow);
    if ((flow.status & IPS_SRC_NAT) != 0) ++source_translated_;
  }

  [[nodiscard]] FlowSurvey Result() const {
    return {all_.counts().flows(), source_translated_, States(), Services()};
  }

 private:
  [[nodiscard]] std::vector<StateFlows> States() const;
  [[nodiscard]] std::vector<ServiceFlows> Services() const;

  FlowTally all_;
  Talkers translated_;
  std::uint64_t source_translated_ = 0;
};

std::vector<StateFlows> Survey::States() const {
  std::vector<StateFlows> fullest;
  for (std::size_t number = 0; number < 256; ++number) {
    const auto protocol = static_cast<std::uint8_t>(number);
    const auto names = kernel::StateNames(protocol);
    for (std::size_t state = 0; state < names.size(); ++state) {
      std::uint64_t flows = 0;
      for (std::size_t family = 0; family < kernel::kFamilyNames.size(); ++family) {
        flows += all_.counts().Of(family, protocol).states[state];
      }
      if (flows > 0) fullest.push_back({kernel::ProtocolName(protocol), names[state], flows});
    }
  }
  std::stable_sort(fullest.begin(), fullest.end(),
                   [](const auto& a, const auto& b) { return a.flows > b.flows; });
  return fullest;
}

std::vector<ServiceFlows> Survey::Services() const {
  std::map<std::string, std::uint64_t> translated;
  const auto of_translated = translated_.Summary();
  for (const auto& [service, flows] : of_translated.services.top) {
    translated[service.protocol + "/" + service.port] = flows;
  }
  std::vector<ServiceFlows> services;
  const auto of_all = all_.Summary();
  for (const auto& [service, flows] : of_all.talkers->services.top) {
    const auto name = service.protocol + "/" + service.port;
    const auto port = ParseService(name);  // ICMP and its likes have none: no rule can name them
    if (port) services.push_back({*port, flows, translated[name]});
  }
  return services;
}

}  // namespace

Result<FlowSurvey> SurveyFlows(const KernelAccess& access, const FlowSourceOptions& flows,
                               std::size_t top_services) {
  const auto source = MakeFlowSource(access, flows, false);
  Survey survey(top_services);
  survey.Begin();
  const auto walked = source->Walk(survey, {});
  if (!walked) return Fail(walked.error());
  return survey.Result();
}

}  // namespace conntrack::exporter::advise
