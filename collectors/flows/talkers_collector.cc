#include "collectors/flows/talkers_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"

namespace conntrack {
namespace {

Family Hosts(Family family, std::string_view label, const TopList<std::string>& list) {
  for (const auto& [name, flows] : list.top) family.Add({{label, name}}, flows);
  family.Add({{label, kOther}}, list.other);
  return family;
}

Family Sources(const TopList<std::string>& list) {
  return Hosts(Gauges("conntrack_talkers_source_flows",
                      "Flows by source address of the original direction, for those with the "
                      "most; the rest is other (ctnetlink or bpf)."),
               "source_address", list);
}

Family Destinations(const TopList<std::string>& list) {
  return Hosts(Gauges("conntrack_talkers_destination_flows",
                      "Flows by destination address of the original direction, before any DNAT, "
                      "for those with the most; the rest is other (ctnetlink or bpf)."),
               "destination_address", list);
}

Family Services(const TopList<Service>& list) {
  auto family =
      Gauges("conntrack_talkers_service_flows",
             "Flows by protocol and destination port of the original direction, for those with "
             "the most; the rest is other (ctnetlink or bpf).");
  for (const auto& [service, flows] : list.top) {
    family.Add({{"protocol", service.protocol}, {"port", service.port}}, flows);
  }
  family.Add({{"protocol", kOther}, {"port", kOther}}, list.other);
  return family;
}

Family Routes(Family family, std::string_view from, std::string_view to,
              const TopList<Route>& list) {
  const auto add = [&](const Route& route, std::uint64_t flows) {
    const auto& [protocol, port] = route.service;
    family.Add({{from, route.from}, {to, route.to}, {"protocol", protocol}, {"port", port}}, flows);
  };
  for (const auto& [route, flows] : list.top) add(route, flows);
  const std::string other(kOther);
  add({other, other, {other, other}}, list.other);
  return family;
}

Family Pairs(const TopList<Route>& list) {
  return Routes(Gauges("conntrack_talkers_pair_flows",
                       "Flows by source, destination, protocol and destination port of the "
                       "original direction, for those with the most; the rest is other "
                       "(--collector.talkers.pairs)."),
                "source", "destination", list);
}

Family Backends(const TopList<Route>& list) {
  return Routes(Gauges("conntrack_talkers_backend_flows",
                       "Flows that DNAT redirected, by original destination, protocol and port, "
                       "and by the address that DNAT chose, for those with the most; the rest is "
                       "other (--collector.talkers.pairs)."),
                "destination", "backend", list);
}

Family Errors(const TalkersSummary& summary) {
  auto family = Gauges("conntrack_talkers_error_flows",
                       "Maximum error of the top lists: the true number of flows of a series may "
                       "be this much higher, never lower. 0 if all values are exact.");
  family.Add({{"by", "source"}}, summary.sources.max_error);
  family.Add({{"by", "destination"}}, summary.destinations.max_error);
  family.Add({{"by", "service"}}, summary.services.max_error);
  if (summary.pairs) family.Add({{"by", "pair"}}, summary.pairs->max_error);
  if (summary.backends) family.Add({{"by", "backend"}}, summary.backends->max_error);
  return family;
}

Family Classes(const std::vector<ClassFlows>& classes) {
  auto family =
      Gauges("conntrack_talkers_class_flows",
             "Flows by class of their source and destination address (--collector.talkers.class). "
             "The longest matching prefix decides; addresses in no class are other.");
  for (const auto& of : classes) {
    family.Add({{"direction", "source"}, {"class", of.name}}, of.as_source);
    family.Add({{"direction", "destination"}, {"class", of.name}}, of.as_destination);
  }
  return family;
}

Result<void> AddClass(CollectorOptions& options, const std::string& text) {
  auto added = ParseAddressClass(text);
  if (!added) return Fail(added.error());
  auto& classes = options.Get<TalkersOptions>().classes;
  for (const auto& known : classes) {
    if (known.prefix == added->prefix) {
      return Fail(ErrorKind::kMalformed, ToString(known.prefix) + " is given twice");
    }
  }
  classes.push_back(*std::move(added));
  return {};
}

std::vector<Family> FamiliesOf(const TalkersSummary& talkers) {
  std::vector<Family> families = {Sources(talkers.sources), Destinations(talkers.destinations),
                                  Services(talkers.services), Errors(talkers)};
  if (!talkers.classes.empty()) families.push_back(Classes(talkers.classes));
  if (talkers.pairs) families.push_back(Pairs(*talkers.pairs));
  if (talkers.backends) families.push_back(Backends(*talkers.backends));
  return families;
}

}  // namespace

Result<Collection> TalkersCollector::Collect(const ScrapeContext& context) {
  const auto latest = sampler_->Latest(context.deadline, context.stop);
  if (!latest) return Fail(latest.error());
  // Shares ownership of the snapshot.
  const std::shared_ptr<const TalkersSummary> talkers(*latest, &(*latest)->talkers.value());
  return Collection{FamiliesOf(*talkers), {}, (*latest)->source, {}, talkers};
}

CatalogueEntry TalkersEntry() {
  return {
      .name = "talkers",
      .summary = "sources, destinations and services with the most flows",
      .needs = "CAP_NET_ADMIN",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<TalkersCollector>(inputs.flow_sampler());
          },
      .flags =
          {{"top", "N",
            "Number of sources, destinations, services, pairs and backends with a series of their "
            "own; the rest is other",
            NumberFor(&TalkersOptions::top, 1, kMostNamed)},
           {"ipv4-prefix", "BITS", "Prefix length by which IPv4 addresses are grouped",
            NumberFor(&TalkersOptions::ipv4_prefix, 1, 32)},
           {"ipv6-prefix", "BITS", "Prefix length by which IPv6 addresses are grouped",
            NumberFor(&TalkersOptions::ipv6_prefix, 1, 128)},
           {"class", "CIDR=NAME", "Count flows from and to a network by this name; repeatable",
            TextValue{.initial = "", .set = AddClass, .repeatable = true}},
           {"pairs", "",
            "Also count pairs of source and destination by service, and backends chosen by DNAT",
            SwitchFor(&TalkersOptions::pairs)}},
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true}},
      .use_flow_sampler =
          [](const CollectorOptions& options, FlowSamplerUse& use) {
            use.tally.talkers = options.Get<TalkersOptions>();
          },
  };
}

}  // namespace conntrack
