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
                       "Flows that a series of the top lists may have beyond its figure, which is "
                       "never too high; 0 where all are exact.");
  family.Add({{"by", "source"}}, summary.sources.max_error);
  family.Add({{"by", "destination"}}, summary.destinations.max_error);
  family.Add({{"by", "service"}}, summary.services.max_error);
  if (summary.pairs) family.Add({{"by", "pair"}}, summary.pairs->max_error);
  if (summary.backends) family.Add({{"by", "backend"}}, summary.backends->max_error);
  return family;
}

Family Classes(const std::vector<ClassFlows>& classes) {
  auto family = Gauges("conntrack_talkers_class_flows",
                       "Flows by class of the source and of the destination address "
                       "(--collector.talkers.class); the longest prefix counts, other is in none.");
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
  // Shares the snapshot.
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
      .flags = {{"top", "N", "How many of each kind of talker are named; the rest is other",
                 NumberFor(&TalkersOptions::top, 1, kMostNamed)},
                {"ipv4-prefix", "BITS", "IPv4 addresses that agree in so many bits are one talker",
                 NumberFor(&TalkersOptions::ipv4_prefix, 1, 32)},
                {"ipv6-prefix", "BITS", "IPv6 addresses that agree in so many bits are one talker",
                 NumberFor(&TalkersOptions::ipv6_prefix, 1, 128)},
                {"class", "CIDR=NAME",
                 "Count the flows from and to a network under a name; may be given several times",
                 TextValue{.initial = "", .set = AddClass, .repeatable = true}},
                {"pairs", "",
                 "Count pairs of source and destination by service too, and the backends that DNAT "
                 "chose",
                 SwitchFor(&TalkersOptions::pairs)}},
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true}},
      .use_flow_sampler =
          [](const CollectorOptions& options, FlowSamplerUse& use) {
            use.tally.talkers = options.Get<TalkersOptions>();
          },
  };
}

}  // namespace conntrack
