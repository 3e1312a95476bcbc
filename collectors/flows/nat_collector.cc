#include "collectors/flows/nat_collector.h"

#include <array>
#include <string>

#include "collectors/catalogue_entry.h"

namespace conntrack {
namespace {

/// A share of the available ports, in whole thousandths, so that a tenth is exact.
struct Share {
  const char* label;
  std::uint64_t thousandths;
};
constexpr std::array<Share, 3> kShares = {{{"0.5", 500}, {"0.8", 800}, {"0.95", 950}}};

std::vector<Label> LabelsOf(const SnatTuple& tuple) {
  return {{"address", tuple.address},
          {"protocol", tuple.protocol},
          {"remote_address", tuple.remote_address},
          {"remote_port", tuple.remote_port},
          {"ct_zone", tuple.zone}};
}

Family PortsInUse(const TopList<SnatTuple>& list) {
  auto family = Gauges("conntrack_snat_ports_in_use",
                       "Ports that source NAT uses for one address and one remote endpoint, for "
                       "the busiest; the rest is other (ctnetlink or bpf).");
  for (const auto& [tuple, ports] : list.top) family.Add(LabelsOf(tuple), ports);
  family.Add(LabelsOf({kOther, kOther, kOther, kOther, kOther}), list.other);
  return family;
}

Family TuplesAbove(const SnatSummary& snat, std::uint64_t available) {
  auto family = Gauges("conntrack_snat_tuples_above",
                       "Tuples of address, protocol, remote endpoint and zone that use more than "
                       "this share of the available ports, including those without a series.");
  for (const auto& share : kShares) {
    const auto above = snat.TuplesAbove(share.thousandths * available / 1000);
    family.Add({{"ratio", share.label}}, above);
  }
  return family;
}

Result<void> SetPortRange(CollectorOptions& options, const std::string& text) {
  auto& port_range = options.Get<NatOptions>().port_range;
  if (text == "sysctl") {
    port_range = std::nullopt;
    return {};
  }
  const auto range = kernel::ParsePortRange(text);
  if (!range) return Fail(range.error().kind, range.error().message + ", nor sysctl");
  port_range = *range;
  return {};
}

std::vector<Family> FamiliesOf(const NatReading& reading) {
  const auto& snat = *reading.snat;
  std::vector<Family> families = {
      PortsInUse(snat.tuples),
      Gauge("conntrack_snat_error_flows",
            "Maximum error of conntrack_snat_ports_in_use: the true number of ports may be this "
            "much higher, never lower. 0 if all values are exact.",
            snat.tuples.max_error)};
  if (reading.ports) {
    families.push_back(Gauge("conntrack_snat_ports_available",
                             "Source ports that one tuple can use (--collector.nat.port-range).",
                             *reading.ports));
    families.push_back(TuplesAbove(snat, *reading.ports));
  }
  return families;
}

}  // namespace

Result<std::uint64_t> CountPorts(const std::optional<kernel::PortRange>& given,
                                 const kernel::KernelFiles& proc) {
  if (given) return given->size();
  const auto range = kernel::ReadLocalPortRange(proc);
  if (!range) return Fail(range.error());
  return range->size();
}

Result<Collection> NatCollector::Collect(const ScrapeContext& context) {
  const auto deadline =
      WaitsFor() ? context.deadline : std::chrono::steady_clock::now() + FlowSampler::kReadingWaits;
  const auto latest = sampler_->Latest(deadline, context.stop);
  if (!latest) return Fail(latest.error());
  NatReading reading{{*latest, &(*latest)->snat.value()}};
  const auto ports = CountPorts(port_range_, proc_);
  if (ports) {
    reading.ports = *ports;
  } else {
    reading.omissions = {{"conntrack_snat_ports_available", ports.error()},
                         {"conntrack_snat_tuples_above", ports.error()}};
  }
  return Collection{FamiliesOf(reading),
                    reading.omissions,
                    (*latest)->source,
                    {},
                    std::make_shared<const NatReading>(reading)};
}

CatalogueEntry NatEntry() {
  return {
      .name = "nat",
      .summary = "ports in use by source NAT, for the busiest remote endpoints",
      .needs = "CAP_NET_ADMIN",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<NatCollector>(inputs.flow_sampler(), inputs.access.proc,
                                                  inputs.options.Get<NatOptions>().port_range);
          },
      .flags = {{"top", "N",
                 "Number of pairs of NAT address and remote endpoint with a series of their own; "
                 "the rest is other",
                 NumberFor(&NatOptions::top, 1, kMostNamed)},
                {"port-range", "LOW-HIGH|sysctl",
                 "Ports that source NAT may use for each pair. The default is the kernel's, for "
                 "NAT rules without a port range; sysctl is net.ipv4.ip_local_port_range",
                 TextValue{"1024-65535", SetPortRange}}},
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true}},
      .use_flow_sampler =
          [](const CollectorOptions& options, FlowSamplerUse& use) {
            use.tally.snat_top = options.Get<NatOptions>().top;
          },
  };
}

}  // namespace conntrack
